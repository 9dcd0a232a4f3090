import type { FastifyInstance } from 'fastify';

/** Knows which methods each path takes, for 405 and OPTIONS: the router itself only tells that a method has no such path. */
export interface KnownPaths {
  /**
   * Methods in alphabetical order; empty for a path that there is not. A path that is written out is not meant by one with
   * parameters, as in OpenAPI.
   */
  methodsOf(path: string): string[];
}

/** Must be made before any route is added. */
export function watchPaths(app: FastifyInstance): KnownPaths {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set(['OPTIONS']) };
    routes.set(url, route);
    for (const each of [method].flat()) route.methods.add(each);
  });
  return {
    methodsOf(path) {
      const exact = routes.get(path);
      const matching = exact === undefined ? [...routes.values()].filter(({ pattern }) => pattern.test(path)) : [exact];
      const methods = matching.flatMap((route) => [...route.methods]);
      return [...new Set(methods)].sort();
    },
  };
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`);
}
