// What a request may cost, and a route hold, in counts that are the same on a slow, a fast and a busy machine.
//
// `npm run check:cost` prints what it counts. Where a change makes requests cheaper, write the new figures here, so that
// the gain can't be lost again unnoticed. Where one makes them dearer and is worth it, write the new figures too, and say
// in the commit what they buy. The figures are those of Node.js 20.20: another V8 may have others.

/** Bytes that one request of each scenario allocates in tribind, as measured. */
export const allocatedBytes = {
  hello: 705,
  json: 977,
  params: 945,
  controller: 1713,
  missing: 985,
  middleware: 2041,
}

/** Bytes of the heap that one of 10,000 routes holds, as measured: once it is bound, and once it has served a request. */
export const keptBytes = {
  bound: 1374,
  served: 1631,
}

/** How far above its figure a scenario may be, as a share of it: for a plain request an object of four fields. */
export const slack = 0.06

/** In a request whose handler, hooks and middleware are synchronous. */
export const promises = 0

/** On request, response and connection, beyond those that bare node:http adds; no scenario has hooks of the close events. */
export const listeners = 0
