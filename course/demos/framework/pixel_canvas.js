// The page's side of PixelCanvas (canvas.py): keeps the figure's pixels, changes those the kernel names, and shows
// the next step of a slider at once if the kernel has drawn it ahead.

// A message's buffer holds runs of pixels of one colour, three uint32 each: first pixel, number of pixels, RGBA.
const numbers = ({ buffer, byteOffset, byteLength }) =>
  new Uint32Array(buffer.slice(byteOffset, byteOffset + byteLength)); // a copy begins at a multiple of four bytes

// What ipywidgets leaves out: a name for each handle of a slider, and keys that stay with it. Notebook 7 takes the arrow
// keys for itself where an element does not say that it wants them.
const finish = (demo) => {
  for (const handle of demo.querySelectorAll(".widget-slider .noUi-handle")) {
    const label = handle.closest(".widget-slider").querySelector(".widget-label")?.textContent;
    if (label && handle.getAttribute("aria-label") !== label) handle.setAttribute("aria-label", label);
    handle.dataset.lmSuppressShortcuts = "true";
  }
};

export default () => {
  // One model, however many views of it there are, so that they all show the same.
  const views = new Set();
  let picture = new ImageData(1, 1);
  let drawn = null; // the pixels as the kernel drew them last, while a step drawn ahead is shown
  let ahead = []; // steps drawn ahead: {slider, value, within, runs}

  const paint = (runs) => {
    const pixels = new Uint32Array(picture.data.buffer);
    for (let i = 0; i < runs.length; i += 3) pixels.fill(runs[i + 2], runs[i], runs[i] + runs[i + 1]);
  };

  const put = (view) => {
    if (view.width !== picture.width) view.width = picture.width;
    if (view.height !== picture.height) view.height = picture.height;
    view.getContext("2d").putImageData(picture, 0, 0); // nothing is decoded: the next frame shows it
  };

  const takeBack = () => {
    if (drawn) picture.data.set(drawn);
    drawn = null;
  };

  const change = ([width, height], runs) => {
    takeBack();
    ahead = []; // they were changes of the picture before
    if (picture.width !== width || picture.height !== height) picture = new ImageData(width, height);
    paint(runs);
    views.forEach(put);
  };

  const move = (slider, value) => {
    const step = ahead.find((a) => a.slider === slider && Math.abs(a.value - value) <= a.within);
    ahead = []; // each of them belongs to the state before this move
    if (!step) return;
    takeBack();
    drawn = picture.data.slice();
    paint(step.runs);
    views.forEach(put);
  };

  return {
    initialize({ model }) {
      const followed = new Map(); // sliders' models by id
      const follow = async (id) => {
        if (followed.has(id)) return;
        followed.set(id, null);
        const slider = await model.widget_manager.get_model(id);
        const moved = () => move(id, slider.get("value"));
        slider.on("change:value", moved);
        followed.set(id, () => slider.off("change:value", moved));
      };

      const receive = (message, [buffer]) => {
        if (message.ahead) {
          ahead.push({ ...message.ahead, runs: numbers(buffer) });
          follow(message.ahead.slider);
        } else change(message.size, numbers(buffer));
      };
      model.on("msg:custom", receive);

      // From now on the kernel need not wait to be asked. The ratio changes when the page is zoomed or moved to
      // another screen; then all pixels are drawn anew.
      let ratio;
      const ask = () => {
        if (ratio === window.devicePixelRatio) return;
        ratio = window.devicePixelRatio;
        model.send({ ratio });
      };
      ask();
      window.addEventListener("resize", ask);
      return () => {
        model.off("msg:custom", receive);
        window.removeEventListener("resize", ask);
        followed.forEach((leave) => leave?.());
      };
    },

    render({ model, el }) {
      const view = document.createElement("canvas");
      view.className = "demo-figure";
      view.setAttribute("role", "img");
      view.setAttribute("aria-label", model.get("label"));
      view.style.width = `${model.get("css_width")}px`;
      view.style.maxWidth = "100%"; // in a narrow window the figure is smaller; its height follows
      put(view);
      views.add(view);
      el.append(view);

      // Who points at a demo or enters it with the keyboard is about to move a control.
      const near = ({ target }) => {
        if (!target.closest?.(".demo")?.contains(view)) return;
        model.send({ near: true });
        leave();
      };
      // The sliders' views are made beside this one, before or after it, and made anew at times.
      const sliders = new MutationObserver(() => {
        const demo = view.closest(".demo"); // none once the output is cleared
        if (demo) finish(demo);
      });
      const placed = () => {
        const demo = view.closest(".demo");
        if (!views.has(view)) return;
        if (!demo) return void requestAnimationFrame(placed);
        finish(demo);
        sliders.observe(demo, { childList: true, subtree: true });
      };
      placed();
      const unfoldStills = foldStills(view, model.get("stills")); // of still.js

      const events = ["pointerover", "focusin"];
      const leave = () => events.forEach((event) => document.removeEventListener(event, near));
      events.forEach((event) => document.addEventListener(event, near));
      return () => {
        views.delete(view);
        sliders.disconnect();
        unfoldStills();
        leave();
      };
    },
  };
};
