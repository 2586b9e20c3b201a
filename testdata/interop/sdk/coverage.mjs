// Which methods of a client were called.

// watch wraps the named resources of a client. missing() lists the methods
// that were not called through the wrapped ones, but for those whose name,
// or resource.name, except matches.
export function watch(client, resources, except) {
  const left = new Set();
  const watched = {};
  for (const resource of resources) {
    const target = client[resource];
    for (const name of methods(target)) {
      if (!except.test(name) && !except.test(`${resource}.${name}`)) left.add(`${resource}.${name}`);
    }
    watched[resource] = new Proxy(target, {
      get(object, name) {
        left.delete(`${resource}.${String(name)}`);
        const value = object[name];
        return typeof value === "function" ? value.bind(object) : value;
      },
    });
  }
  return { watched, missing: () => [...left].sort() };
}

// methods are those that a resource documents: the library's own helpers
// start with an underscore.
function methods(resource) {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(resource)).filter(
    (name) => name !== "constructor" && !name.startsWith("_"),
  );
}
