/** The other end of `startChild`: says that it is ready, then answers one question after the other. */
export function answering(ready, answer) {
  process.on('message', async (question) => {
    try {
      process.send({ answer: await answer(question) });
    } catch (error) {
      process.send({ error: error.stack });
    }
  });
  process.on('disconnect', () => process.exit(0));
  if (process.listenerCount('SIGTERM') === 0) process.on('SIGTERM', () => process.exit(0));
  process.send({ ready: true, ...ready });
}

/** What `startChild` was given. */
export const childOptions = () => JSON.parse(process.argv[2]);
