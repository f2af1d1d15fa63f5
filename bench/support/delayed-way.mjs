import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** A way to a server of this machine on which everything takes its time, in both directions. */
export async function startDelayedWay(port, { roundTripMs }) {
  const sockets = new Set()
  const lead = (from, to) => {
    sockets.add(from)
    from.setNoDelay(true)
    from.on('error', () => {})
    from.on('data', chunk => setTimeout(() => to.write(chunk), roundTripMs / 2))
    from.on('close', () => {
      sockets.delete(from)
      setTimeout(() => to.destroy(), roundTripMs / 2)
    })
  }
  const server = createServer(socket => {
    const onward = connect(port, '127.0.0.1')
    lead(socket, onward)
    lead(onward, socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: server.address().port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
