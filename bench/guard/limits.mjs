// What a request may cost, in counts that are the same on a slow, a fast and a busy machine.
//
// `npm run check:cost` prints what it counts. Where a change makes requests cheaper, write the new figures here, so that
// the gain can't be lost again unnoticed. Where one makes them dearer and is worth it, write the new figures too, and say
// in the commit what they buy. The figures are those of Node.js 20.20: another V8 may have others.

/** Bytes that one request of each scenario allocates in tribind, as measured. */
export const allocatedBytes = {
  hello: 768,
  json: 1008,
  params: 1024,
  controller: 1705,
  missing: 1056,
  middleware: 2505,
}

/** How far above its figure a scenario may be, as a share of it: for a plain request 46 bytes. */
export const slack = 0.06

/** In a request whose handler, hooks and middleware are synchronous. */
export const promises = 0

/** On request, response and connection, beyond those that bare node:http adds; no scenario has hooks of the close events. */
export const listeners = 0
