import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A listener on 127.0.0.1 that counts who connects. By itself it says nothing. */
export type Canary = {
  readonly port: number;
  connections(): number;
  close(): Promise<void>;
};

/** `onConnection`: what it does to those who come, with the raw socket. */
export async function openCanary(onConnection: (socket: Socket) => void = () => undefined): Promise<Canary> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
