// Exports of tribind/forward.
export {}
