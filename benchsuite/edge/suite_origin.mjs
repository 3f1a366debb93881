// Starts the suite's own origin server, but on the loopback interface only: node suite_origin.mjs SERVER.mjs
import net from 'node:net'
import { pathToFileURL } from 'node:url'

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, ...rest)
}
await import(pathToFileURL(process.argv[2]))
