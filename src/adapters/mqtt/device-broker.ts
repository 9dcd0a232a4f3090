import type { IClientOptions, MqttClient } from 'mqtt';
import { ServiceError } from '../../core/errors.ts';
import { redactText } from '../../core/redact.ts';
import type { DeviceBroker, TakeMessage } from '../../ports/device-broker.ts';
import type { Log } from '../../ports/log.ts';

const reconnectMs = 1_000;
const connectMs = 10_000;
const reachMs = 3_000;
const keepAliveSeconds = 30;
/** At least once: what is lost on the way comes again. */
const qos = 1;

export interface MqttOptions {
  /** `mqtt://host:port` or `mqtts://…`, with user and password where the broker wants them. */
  readonly url: string;
  /** The same after every start: the broker keeps for it what comes while we are away. */
  readonly clientId: string;
  /** Filters of the messages that we take. */
  readonly topics: readonly string[];
  readonly take: TakeMessage;
  readonly log: Log;
}

/**
 * MQTT 3.1.1, which every broker speaks, in a session that outlives the connection. Resolves at once: a broker that is away is tried
 * again and again.
 */
export async function openMqttBroker({ url, clientId, topics, take, log }: MqttOptions): Promise<DeviceBroker> {
  const mqtt = await import('mqtt');
  const options: IClientOptions = {
    clientId,
    clean: false,
    protocolVersion: 4,
    keepalive: keepAliveSeconds,
    reconnectPeriod: reconnectMs,
    connectTimeout: connectMs,
    resubscribe: false,
    manualConnect: true,
  };
  const client = mqtt.connect(url, options);
  let isConnected = false;
  // The library acknowledges a message when this is called back, and holds the next one until then.
  client.handleMessage = ({ topic, payload, retain }, acknowledge) => {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    take({ topic, payload: bytes, retained: retain }).then(
      () => acknowledge(),
      (error: unknown) => log.warn({ err: error, topic }, 'mqtt.unacknowledged'),
    );
  };
  client.on('connect', () => {
    isConnected = true;
    log.info({}, 'mqtt.connected');
    subscribe(client, topics, log);
  });
  client.on('close', () => {
    if (isConnected) log.warn({}, 'mqtt.lost');
    isConnected = false;
  });
  client.on('error', (error) => log.warn({ reason: redactText(error.message) }, 'mqtt.failed'));
  client.connect();

  return {
    async publish(topic, text) {
      if (client.disconnecting) throw closed();
      await client.publishAsync(topic, text, { qos });
    },
    isConnected: () => isConnected,
    async close() {
      // Whatever is still on its way is told again after the next start.
      await client.endAsync(true);
    },
  };
}

/** Resolves when the broker lets us in; rejects with its reason, or that of the network. */
export async function reachMqttBroker(url: string): Promise<void> {
  const mqtt = await import('mqtt');
  const client = await mqtt.connectAsync(url, { protocolVersion: 4, connectTimeout: reachMs, reconnectPeriod: 0 }, false);
  await client.endAsync(true);
}

function subscribe(client: MqttClient, topics: readonly string[], log: Log): void {
  client.subscribe([...topics], { qos }, (error, granted) => {
    if (error !== null) return log.warn({ reason: redactText(error.message) }, 'mqtt.subscribe-failed');
    const refused = granted?.filter((grant) => grant.qos > qos).map(({ topic }) => topic) ?? [];
    if (refused.length > 0) log.error({ topics: refused }, 'mqtt.subscribe-refused');
  });
}

function closed(): ServiceError {
  return new ServiceError('shutting-down', 'The connection to the broker is closed.', { retryAfterSeconds: 5 });
}
