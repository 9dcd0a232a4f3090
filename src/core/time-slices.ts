/** One turn of the event loop may be taken for so long by work that is done in slices. */
const sliceMs = 8;

/** Long work that lets others have their turn: `await slices.pause()` between its steps costs nothing while the slice lasts. */
export interface TimeSlices {
  pause(): Promise<void> | undefined;
}

export function timeSlices(): TimeSlices {
  let begunAt = performance.now();
  return {
    pause() {
      if (performance.now() - begunAt < sliceMs) return undefined;
      return new Promise((resolve) => {
        setImmediate(() => {
          begunAt = performance.now();
          resolve();
        });
      });
    },
  };
}
