// Exports of tribind/database.
export {}
