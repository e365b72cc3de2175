// Exports of tribind/languages.
export {}
