// The servers of tests, those in processes of their own too, are not to tell where they listen.
process.env['LOG_LEVEL'] ??= 'warn'
