/** Takes as long as it is told to and tells which process did it. */
export const task = async ({ options, signal }) => {
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, options.ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return { kind: 'done', result: { pid: process.pid, ...options } };
};
