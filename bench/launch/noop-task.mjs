/** A task that does nothing but tell when it began, on the clock that all processes of the machine share. */
export const task = async () => ({ kind: 'done', result: { startedNs: String(process.hrtime.bigint()) } });
