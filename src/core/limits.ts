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
  /** Jobs, or ids of jobs, in one call. */
  batchMax: 10_000,
  /** How long the record of what was done to many jobs is kept. */
  actionKeepMs: 7 * 86_400_000,

  /** Leases: long enough for a busy event loop, short enough that a lost worker's jobs start again soon. */
  leaseMs: 20_000,

  /** Executors. */
  progressIntervalMs: 100,
  progressMessageCharsMax: 200,
  cancelGraceMs: 2_000,
  /** A job that takes no longer is short: one may lie ready behind another one that an executor works on. */
  shortJobMs: 100,
  /** The memory of a task is looked at so often near its limit; as long as it has more left than it can take until then, later. */
  memoryPollMs: 50,
  memoryPollMsMax: 250,
  /** What a core fills at most, with large pages; with small ones it is an eighth of that. */
  memoryGrowthPerMsBytesMax: 8 * 1024 ** 2,
  outputsMax: 1_000,
  /** Outputs up to this size, and so much of them a job, travel with the result instead of in files. */
  inlineOutputBytesMax: 64 * 1024,
  inlineBytesMax: 1024 ** 2,
  /** Bytes of a blob that the job store keeps itself, in the commit of what refers to it; a larger one goes to the blob store. */
  contentBytesMax: 128 * 1024,
  outputBytesMax: 2 * 1024 ** 3,
  resultBytesMax: 64 * 1024 ** 2,

  /** Pictures, read from their headers. */
  pixelsMax: 50_000_000,
  framesMax: 1_000,

  /** Links that sources are fetched from. */
  sourceUrlBytesMax: 8 * 1024,
  /** Fetches that a worker has under way at once. */
  fetchesMax: 32,
  fetchMs: 15 * 60_000,
  fetchRedirectsMax: 5,
  fetchRetryAfterMsMax: 3_600_000,

  /** PDFs. */
  pdfPagesMax: 2_000,

  /** Connections: what a server needs that has no proxy in front. Their total time has no limit, standing still has. */
  connectionsMax: 10_000,
  connectionCheckMs: 5_000,
  headerBytesMax: 16 * 1024,
  headersMs: 20_000,
  /** Requests that are sent before the answers to earlier ones; who sends more is cut off. */
  requestsAheadMax: 1_000,
  keepAliveMs: 65_000,
  bodyIdleMs: 30_000,
  /** Longer than for bodies: the system takes some MB ahead of a slow reader, and then nothing until much of that is read. */
  answerIdleMs: 120_000,
  /** The least rate, either way, of each such span. */
  paceSpanMs: 60_000,
  paceBytesPerSecondMin: 1_024,
  /** A client that goes on sending is listened to for so long after its last answer, so that it can read that. */
  lingerMs: 1_000,
  /** While the rest of its body comes at this rate, it is read and dropped, and the connection goes on. */
  lingerBytesPerSecondMin: 100 * 1024,

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

  /** Overload: what may be under way at once; more is refused with 503. */
  /** Requests that wait for the store. Beyond them callers would wait longer than it takes to come again. */
  writesWaitingMax: 1_000,
  /** Calls of many jobs that are read and not yet answered. */
  batchesUnderWayMax: 16,
  /** A JSON body that is read before the queue is asked for a place: the result of what it names may be known. */
  jsonBeforeAdmissionBytesMax: 4 * 1024,
  /** Bytes of JSON bodies in memory, of all requests together. */
  heldBytesMax: 128 * 1024 ** 2,
  /** Bytes of small files in memory on their way to the job store; more go to the blob store, which takes longer and no memory. */
  heldContentBytesMax: 64 * 1024 ** 2,
  /** Uploads that are being written to the blob store. */
  streamedUploadsMax: 1_000,
  /** Clients whose rates are known; of more, those that were longest away are forgotten. */
  clientsMax: 50_000,

  /** Beers of taps. */
  beersPageDefault: 50,
  beersPageMax: 500,
  beerBodyBytesMax: 16 * 1024,
  /** A tap's clock may be ahead of ours by so much. */
  pouredAheadMsMax: 60_000,
  /** After so many pours the shares are told. */
  pourReportEach: 10,
  /** The more taps there are the larger is a report, and the longer it waits for the next: so long, and so long a tap. */
  tapReportGapMs: 100,
  tapReportGapTapMs: 5,

  /** Live events over WebSockets. */
  liveSocketsMax: 5_000,
  liveTopicsMax: 100,
  liveFrameBytesMax: 64 * 1024,
  liveFragmentsMax: 1_000,
  liveCommandsWaitingMax: 10_000,
  /** Bytes that may wait for a reader; a slower one is closed. */
  liveBufferBytesMax: 1024 ** 2,
  liveHeartbeatMs: 30_000,
  liveCloseMs: 5_000,
  liveResumeMs: 24 * 3_600_000,
} as const;
