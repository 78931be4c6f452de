// Folds a demo's still picture away while the demo is live. The still stands open in the lesson's file, in the Markdown
// cell just before the demo's, for readers without a kernel. Where there is no such cell, nothing happens.

const AWAY_MS = 1000; // a cell that is run again has no figure for a moment; the still stays folded meanwhile

const cellBefore = (cell) => {
  const before = cell.previousElementSibling;
  return before?.classList.contains("jp-MarkdownCell") ? before : null;
};

const fold = (cell, names) => {
  const ours = ({ src }) => names.some((name) => new URL(src, document.baseURI).pathname.endsWith(`/${name}.png`));
  for (const picture of cell.querySelectorAll(".jp-RenderedMarkdown img[src]")) {
    if (!ours(picture) || picture.closest(".demo-still")) continue;
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    details.className = "demo-still";
    summary.textContent = "Still picture of this demo";
    summary.dataset.lmSuppressShortcuts = "true"; // Enter opens the picture, not the cell's editor
    picture.replaceWith(details);
    details.append(summary, picture);
  }
};

const unfold = (cell) => {
  for (const details of cell?.querySelectorAll(".demo-still") ?? []) details.replaceWith(details.querySelector("img"));
};

// Folds the stills with these names (files without ending) before the cell that shows `view`. Returns what takes it back.
const foldStills = (view, names) => {
  let cell = null; // the view's
  let before = null; // the one whose stills are folded

  // Called when the view gets a place in the page, and when anything changes that may bring a still: JupyterLab renders a
  // Markdown cell anew, cells are moved, or come back into the page when it is scrolled.
  const look = () => {
    cell = view.closest(".jp-Notebook .jp-Cell") ?? cell;
    if (!cell?.parentElement || view.style.display === "none") return; // it has no picture yet
    const now = cellBefore(cell);
    if (now !== before) {
      if (before?.isConnected) unfold(before);
      before = now;
    }
    changes.disconnect();
    if (before) fold(before, names);
    changes.takeRecords();
    changes.observe(cell.parentElement, { childList: true });
    if (before) changes.observe(before, { childList: true, subtree: true, attributeFilter: ["src"] });
  };
  const changes = new MutationObserver(look);
  const place = new ResizeObserver(look); // it has a size once it stands in the page and has a picture
  place.observe(view);

  return () => {
    place.disconnect();
    changes.disconnect();
    setTimeout(() => {
      if (!cell?.querySelector(".demo-figure")) unfold(before);
    }, AWAY_MS);
  };
};
