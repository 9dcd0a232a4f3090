import { ServiceError } from '../core/errors.ts';

/** The answer to a request that was so slow that another one with its Idempotency-Key has its place now. */
export function reservationLost(): ServiceError {
  return new ServiceError('idempotency-in-progress', 'Another request with this Idempotency-Key has taken over.', {
    retryAfterSeconds: 1,
  });
}
