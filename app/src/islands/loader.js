async (module) => {
  // Both at once: the script would ask for the WebAssembly only after it has arrived itself.
  const [app, wasm, parsed] = [
    import(`${module}.js`),
    fetch(`${module}.wasm`),
    new Promise((resolve) =>
      document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", resolve) : resolve(),
    ),
  ];
  const { default: start, hydrate, ...islands } = await app;
  await start({ module_or_path: wasm });
  await parsed;
  hydrate();

  // Islands in document order. What an island was given as children is announced to it before the islands inside them.
  const wake = async (element, announcements) => {
    const name = element.localName;
    if (name === "leptos-island") {
      announcements.at(-1)?.();
      await islands[element.dataset.component]?.(element);
    }
    const inner = name === "leptos-children" ? [...announcements, element.$$on_hydrate] : announcements;
    for (const child of element.children) await wake(child, inner);
  };
  await wake(document.body, []);
  // Parts of the page that have just taken the place of older ones (`islands/page.rs`).
  addEventListener("fresh", ({ target }) => wake(target, []), true);
};
