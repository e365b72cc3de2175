// How far one request may lead through lib, and how lib may be cut into files.
//
// `npm run check:road` prints what it counts. Where a change makes a road shorter, write the new figures here, so that the
// gain isn't lost again unnoticed. bench/road/README.md defines the figures.

/** For each scenario: the files that one request crosses at most, and how often it changes from one to another. */
export const road = {
  hello: { files: 13, changes: 23 },
  json: { files: 19, changes: 46 },
  upload: { files: 25, changes: 76 },
  error: { files: 17, changes: 40 },
}

/** Files of lib that exactly one other file of lib imports, as a share of all. */
export const shareWithOneImporter = 0.3

/** Lines of the longest file of lib, comments and blank lines included. */
export const linesOfFile = 350
