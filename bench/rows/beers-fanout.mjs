/** A pour on its way to 1,000 live sockets. */
import { measureFanout } from '../support/fanout.mjs';

export const measure = (workspace) => measureFanout(workspace, 'beers');
