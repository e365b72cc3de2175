// Exports of tribind/config.
export {}
