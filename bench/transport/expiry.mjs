// Which connections have waited for too long. All of them are looked through by one timer.

import { ANSWER, FIRST_HEAD, IDLE, IN_BODY, IN_HEAD, LINGERING } from './phases.mjs'

/** How long a client may take to close its side after its last answer, in milliseconds. */
const LINGER_MS = 1000

/** @param limits times in milliseconds */
export function expire(connection, now, limits) {
  const waited = now - connection.since
  switch (connection.phase) {
    case FIRST_HEAD:
    case IN_HEAD:
      if (waited > limits.headersTimeout) connection.onRefusal(408)
      break
    case IN_BODY:
      if (now - connection.beganAt > limits.requestTimeout) connection.onRefusal(408)
      else expireStanding(connection, now, limits.timeout)
      break
    case IDLE:
      if (waited > limits.keepAliveTimeout) connection.cut()
      break
    case ANSWER:
      expireStanding(connection, now, connection.isHalfClosed ? limits.halfClosedTimeout : limits.timeout)
      break
    case LINGERING:
      if (connection.socket.writableLength === 0 && waited > LINGER_MS) connection.cut()
      else expireStanding(connection, now, limits.timeout)
  }
}

/** Cuts a connection over which nothing went in either direction. */
function expireStanding(connection, now, timeout) {
  const { socket } = connection
  const progress = socket.bytesRead + socket.bytesWritten - socket.writableLength
  if (progress !== connection.progress) {
    connection.progress = progress
    connection.standsSince = now
  } else if (now - connection.standsSince > timeout) connection.cut()
}
