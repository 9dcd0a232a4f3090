declare module 'parse-prometheus-text-format' {
  /** The families of a text in the format of Prometheus; throws where a line is none. Of histograms it forgets the labels. */
  function parse(text: string): {
    name: string;
    help: string;
    type: string;
    metrics: { labels?: Record<string, string>; value?: string }[];
  }[];
  export = parse;
}
