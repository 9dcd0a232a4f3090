/** Every number that bounds something and is no setting. Units stand last in the names. */
export const limits = {
  /** Jobs: what a caller may ask for. */
  attemptsMax: 20,
  attemptsDefault: 3,
  handOutsMax: 20,
  priorityMin: -100,
  priorityMax: 100,
  labelsMax: 20,
  labelCharsMax: 100,
  runAtAheadMsMax: 366 * 86_400_000,

  /** Leases: long enough for a busy event loop, short enough that a lost worker's jobs start again soon. */
  leaseMs: 20_000,

  /** Executors. */
  progressIntervalMs: 100,
  progressMessageCharsMax: 200,
  cancelGraceMs: 2_000,
  memoryPollMs: 50,
  outputsMax: 1_000,
  /** Outputs up to this size, and so much of them a job, travel with the result instead of in files. */
  inlineOutputBytesMax: 64 * 1024,
  inlineBytesMax: 1024 ** 2,
  outputBytesMax: 2 * 1024 ** 3,
  resultBytesMax: 64 * 1024 ** 2,

  /** Pictures, read from their headers. */
  pixelsMax: 50_000_000,
  framesMax: 1_000,

  /** PDFs. */
  pdfPagesMax: 2_000,

  /** HTTP. */
  jsonBytesMax: 16 * 1024 ** 2,
  jsonDepthMax: 64,
  multipartFieldsMax: 1_000,
  multipartFilesMax: 10,
  multipartFieldBytesMax: 1024 ** 2,
  fileNameCharsMax: 255,
  idempotencyKeyCharsMax: 255,
  idempotencyLeaseMs: 60_000,
  idempotencyKeepMs: 24 * 3_600_000,
  waitSecondsMax: 60,
  pageMax: 1_000,
  pageDefault: 50,
  sseHeartbeatMs: 15_000,
  queuePositionMax: 1_000,
} as const;
