// The page's side of PixelCanvas (canvas.py): keeps pictures, each with the state of the controls that it shows, and
// shows the one of the present state, or the nearest along a slider that moves; then what the kernel says.

const WITHIN = 0.01; // steps by which a slider's value may differ from a picture's, where roundings do
const REACH = 2.5; // steps: of those drawn ahead, some are every fourth
const SHORT = 16; // pixels that are set one by one in less time than a call takes
const CONFIRMED = 8; // pictures sent ahead for which the kernel gets one answer

const bytes = ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength));

// A page may outlive its kernel, which then hears nothing.
const say = (model, message) => {
  try {
    model.send(message);
  } catch {}
};

// Whether a control's kernel has gone: ipywidgets says so of one that was restarted, JupyterLab closes the way to it too
// when it has crashed or was shut down. No word beside the picture follows the control any more.
const cut = ({ comm, comm_live }) => comm_live === false || comm?.jsServicesComm?.isDisposed === true;

// What `pack` of wire.py has packed: gaps before runs of pixels, their lengths, their colours.
const unpack = async (packed) => {
  const stream = new DecompressionStream("deflate");
  const writer = stream.writable.getWriter();
  writer.write(packed);
  writer.close();
  return new Uint32Array(await new Response(stream.readable).arrayBuffer());
};

// What ipywidgets leaves out: a name for each handle of a slider, and keys that stay with it. Notebook 7 takes the arrow
// keys for itself where an element does not say that it wants them.
const finish = (demo) => {
  for (const handle of demo.querySelectorAll(".widget-slider .noUi-handle")) {
    const label = handle.closest(".widget-slider").querySelector(".widget-label")?.textContent;
    if (label && handle.getAttribute("aria-label") !== label) handle.setAttribute("aria-label", label);
    handle.dataset.lmSuppressShortcuts = "true";
  }
};

// Tells the kernel when one of the views comes into sight and when the last goes out of it. Returns what ends that.
const sight = (model) => {
  const inSight = new Set();
  let told = false;
  const tell = () => {
    const seen = inSight.size > 0 && document.visibilityState === "visible";
    if (seen !== told) say(model, { seen });
    told = seen;
  };
  document.addEventListener("visibilitychange", tell);
  const watch = (view) => {
    const observer = new IntersectionObserver((entries) => {
      if (entries.at(-1).isIntersecting) inSight.add(view);
      else inSight.delete(view);
      tell();
    });
    observer.observe(view);
    return () => {
      observer.disconnect();
      inSight.delete(view);
      tell();
    };
  };
  return [watch, () => document.removeEventListener("visibilitychange", tell)];
};

export default () => {
  // One model, however many views of it there are, so that they all show the same.
  const views = new Set();
  const controls = new Map(); // their models by id
  const kept = new Map(); // pictures by number: {state, packed}
  let picture = new ImageData(1, 1);
  let still = new Uint32Array(0); // the part that does not move, as runs
  let now = null; // what the kernel had shown last
  let shown = null;
  let watch = () => () => {};
  let wanted = null; // to be shown next
  let works = false; // whether a picture is being unpacked
  let turn = 0; // counts how often what was wanted has become void

  const paint = (runs) => {
    const pixels = new Uint32Array(picture.data.buffer);
    const number = runs.length / 3;
    for (let i = 0, at = 0; i < number; i++) {
      at += runs[i];
      const end = at + runs[number + i];
      const colour = runs[2 * number + i];
      if (end - at > SHORT) pixels.fill(colour, at, end);
      else for (let pixel = at; pixel < end; pixel++) pixels[pixel] = colour;
      at = end;
    }
  };

  const put = (view) => {
    if (view.width !== picture.width) view.width = picture.width;
    if (view.height !== picture.height) view.height = picture.height;
    view.style.display = shown ? "" : "none"; // without a kernel no picture ever comes, and the still stays open
    view.getContext("2d").putImageData(picture, 0, 0); // no image is loaded: the next frame shows it
    view.dataset.kept = kept.size;
  };

  // Steps of one slider between a state and that of the controls here. None if anything else differs.
  const apart = (state) => {
    let steps = 0;
    for (const [id, value] of Object.entries(state)) {
      const model = controls.get(id);
      if (!model) return Infinity;
      const here = model.get("index" in model.attributes ? "index" : "value");
      if (model.get("_model_name").endsWith("SliderModel")) {
        const off = Math.abs(here - value) / model.get("step");
        if (off > WITHIN && steps) return Infinity;
        if (off > WITHIN) steps = off;
      } else if (JSON.stringify(here) !== JSON.stringify(value)) return Infinity;
    }
    return steps;
  };

  const nearest = () => {
    let found = null;
    let least = REACH;
    for (const candidate of now ? [now, ...kept.values()] : kept.values()) {
      const steps = apart(candidate.state);
      if (steps < least) [found, least] = [candidate, steps];
      if (steps === 0) break;
    }
    return found;
  };

  const drop = () => {
    wanted = null;
    turn++;
  };

  // One picture at a time, then the one that is wanted by then. A hand may be faster than pictures are unpacked: what it
  // has passed is shown all the same, or nothing would move until it rests.
  const show = async (chosen) => {
    if (!chosen) return drop();
    wanted = chosen;
    if (works) return;
    works = true;
    try {
      while (wanted && wanted.packed !== shown?.packed) {
        const [next, mine] = [wanted, turn];
        const runs = await unpack(next.packed);
        if (mine !== turn || (next !== wanted && apart(next.state) === Infinity)) continue;
        paint(still);
        paint(runs);
        shown = next;
        views.forEach(put);
      }
    } finally {
      works = false;
    }
  };

  const alone = () => [...controls.values()].some(cut);
  const moved = () => show(alone() ? now : nearest());
  const left = () => void (alone() && show(now)); // what was shown ahead will not be confirmed

  return {
    initialize({ model }) {
      const leave = [];
      const follow = async (id) => {
        if (controls.has(id)) return;
        const control = await model.widget_manager.get_model(id);
        controls.set(id, control);
        control.on("change:value change:index", moved);
        leave.push(() => control.off("change:value change:index", moved));
        const status = control.widget_manager?.kernel?.statusChanged;
        if (!status || controls.size > 1) return;
        status.connect(left);
        leave.push(() => status.disconnect(left));
      };

      let arrived = 0;
      const handle = async (message, [buffer]) => {
        if (message.still) {
          const runs = await unpack(bytes(buffer));
          kept.clear();
          [still, now, shown] = [runs, null, null];
          drop();
          const [width, height] = message.still;
          if (picture.width !== width || picture.height !== height) picture = new ImageData(width, height);
          return;
        }
        if (message.forget) {
          kept.clear();
          turn++;
          show(wanted?.packed === now?.packed ? now : null);
          return;
        }
        for (const number of message.drop) kept.delete(number);
        const number = message.now ?? message.ahead;
        const packed = buffer ? bytes(buffer) : (kept.get(number) ?? now).packed;
        const got = { state: message.state, packed };
        if (buffer) kept.set(number, got);
        await Promise.allSettled(Object.keys(got.state).map(follow));
        if (message.now) {
          now = got;
          show(nearest() ?? now);
        } else {
          if (apart(got.state) === 0) show(got); // the hand was faster than the network
          if (++arrived % CONFIRMED === 0) say(model, { got: CONFIRMED });
        }
        views.forEach((view) => (view.dataset.kept = kept.size));
      };

      // In the order in which they come, although some are unpacked first.
      let last = Promise.resolve();
      const receive = (message, buffers) => {
        last = last.then(() => handle(message, buffers)).catch((problem) => console.error(problem));
      };
      model.on("msg:custom", receive);

      // From now on the kernel need not wait to be asked. The ratio changes when the page is zoomed or moved to
      // another screen; then all pixels are drawn anew.
      let ratio;
      const ask = () => {
        if (ratio === window.devicePixelRatio) return;
        ratio = window.devicePixelRatio;
        say(model, { ratio });
      };
      ask();
      window.addEventListener("resize", ask);
      const [watchView, blind] = sight(model);
      watch = watchView;
      return () => {
        blind();
        model.off("msg:custom", receive);
        window.removeEventListener("resize", ask);
        leave.forEach((off) => off());
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
      let isNear = false;
      const near = ({ target }) => {
        const was = isNear;
        isNear = target.closest?.(".demo")?.contains(view) ?? false;
        if (isNear && !was) say(model, { near: true });
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
      const hide = watch(view);

      const events = ["pointerover", "focusin"];
      const leave = () => events.forEach((event) => document.removeEventListener(event, near));
      events.forEach((event) => document.addEventListener(event, near));
      return () => {
        views.delete(view);
        hide();
        sliders.disconnect();
        unfoldStills();
        leave();
      };
    },
  };
};
