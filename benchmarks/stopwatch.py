"""Times one key press in the page, from the key event to the first frame that shows other pixels."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator

from benchmarks.shown import WATCH


@dataclass(frozen=True)
class Lap:
    """Milliseconds of one key press. The three parts add up to the whole."""

    to_kernel: float
    """Until the page sends the first message."""
    kernel: float
    """Until the page has received the message with the picture: both ways, and the kernel's work."""
    to_pixels: float
    """Until the frame with the new picture has been rendered."""
    ahead: bool = False
    """Whether the page showed the new picture before one came from the kernel. Then `kernel` is 0."""

    @property
    def total(self) -> float:
        """From the key event to new pixels."""
        return self.to_kernel + self.kernel + self.to_pixels


def time_key(target: Locator, key: str, output: Locator, limit_ms: int = 20_000) -> Lap | None:
    """Give an element the focus, press a key, and wait for new pixels.

    Parameters
    ----------
    target : Locator
        The element.
    key : str
        As Playwright names it.
    output : Locator
        Where the first canvas or image is the one whose pixels will change.
    limit_ms : int
        How long to wait.

    Returns
    -------
    Lap or None
        None if no pixel has changed.
    """
    target.focus()
    output.evaluate(_ARM, limit_ms)
    output.page.keyboard.press(key)
    times = output.page.evaluate("window.stopwatch")
    if times is None:
        return None
    pressed, sent, received, shown = times
    if received is None:
        return Lap(0.0, 0.0, shown - pressed, ahead=True)
    return Lap(sent - pressed, received - sent, shown - received)


# All times are of one clock, performance.now(), as is the timeStamp of the key event.
_ARM = f"""(output, limit) => {{
  const watch = {WATCH};
  let pressed, sent, received, ahead;
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const note = (_, {{direction, msg}}) => {{
    if (direction === 'send') sent ??= performance.now();
    else if (msg.content.data?.content?.ahead) return;
    else if (msg.buffers?.length || msg.header.msg_type === 'display_data') received ??= performance.now();
  }};
  document.addEventListener('keydown', event => {{
    pressed = event.timeStamp;
    kernel.anyMessage.connect(note);
  }}, {{capture: true, once: true}});

  window.stopwatch = new Promise(resolve => {{
    const end = result => {{
      stop();
      clearTimeout(giveUp);
      kernel.anyMessage.disconnect(note);
      resolve(result);
    }};
    const giveUp = setTimeout(end, limit, null);
    const changed = at => end([pressed, sent, ahead ? null : received, at]);
    const stop = watch(output, changed, () => {{ ahead ??= received === undefined; }});
  }});
}}"""
