/** What the bundler takes out of the modules that import it: style sheets, and pictures by their addresses. */
declare module '*.css';
declare module '*.svg' {
  export const address: string;
}
