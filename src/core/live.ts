/** The subprotocol that `/v1/live` speaks: JSON texts, commands up, results and events down. */
export const liveProtocol = 'coatcheck.v1';

/** `since` of who wants to hear everything that is still kept. */
export const fromTheStart = '0';
