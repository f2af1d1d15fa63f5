import { createApp } from './app.js'

const app = await createApp()

// Fastify closes the connections that are idle when it is told to end. Those that become idle later, it keeps for another 72 seconds.
app.server.on('request', (_request, response) => {
  response.once('close', () => app.server.listening || app.server.closeIdleConnections())
})

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => app.close())
await app.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST ?? '0.0.0.0' })
