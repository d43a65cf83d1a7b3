// Starts the emulator on a port of loopback, says so, and ends with its parent.
const { TelegramServer } = require('telegram-test-api/lib/telegramServer');
const server = new TelegramServer({ port: Number(process.argv[2]), host: '127.0.0.1', storeTimeout: 3600 });
server.start().then(() => console.log('ready'));
process.stdin.on('end', () => process.exit(0)).resume();
