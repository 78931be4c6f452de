"""Notes in the page when the first canvas or image of an output shows other pixels."""

from __future__ import annotations

WATCH = """(output, changed, drawn = () => {}) => {
  const copy = document.createElement('canvas');
  const context = copy.getContext('2d', {willReadFrequently: true});
  const take = () => {
    const shown = output.querySelector('canvas, img');
    copy.width = shown.naturalWidth ?? shown.width;
    copy.height = shown.naturalHeight ?? shown.height;
    context.drawImage(shown, 0, 0);
  };
  const pixels = () => new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer);
  const same = (one, other) => { // a loop: `every` calls a function for each pixel
    let at = one.length === other.length ? 0 : -1;
    while (at >= 0 && at < one.length) at = one[at] === other[at] ? at + 1 : -1;
    return at >= 0;
  };
  take();
  let last = pixels();
  const rendered = new MessageChannel();
  rendered.port1.onmessage = () => {
    const at = performance.now(), now = pixels();
    if (same(now, last)) return;
    last = now;
    changed(at);
  };
  let waits = false;
  const frame = () => { waits = false; take(); rendered.port2.postMessage(null); };
  const next = () => { drawn(); if (!waits) requestAnimationFrame(frame); waits = true; };
  const seen = new WeakSet(output.querySelectorAll('img'));
  const observer = new MutationObserver(() => {
    for (const image of output.querySelectorAll('img')) {
      if (seen.has(image)) continue;
      seen.add(image);
      image.complete ? next() : image.addEventListener('load', next, {once: true});
    }
  });
  observer.observe(output, {childList: true, subtree: true});
  const target = output.querySelector('canvas')?.getContext('2d') ?? {};
  target.putImageData = function (...values) {
    CanvasRenderingContext2D.prototype.putImageData.apply(this, values);
    next();
  };
  return () => {
    observer.disconnect();
    delete target.putImageData;
    rendered.port1.close();
  };
}"""
"""A function of JavaScript: `watch(output, changed, drawn)` returns a function that ends it.

Nothing is watched until something has been put on the canvas or an image has been loaded, which `drawn` is told: it
would slow down what is measured. The next frame's picture is copied in the frame, and compared with the one before once
the frame has been rendered. If they differ, `changed` gets the moment at which it had been, of `performance.now()`.
"""
