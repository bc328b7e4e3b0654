/**
 * Makes a function that lets every message already in the queue have its turn. A
 * MessageChannel does that at once, where setTimeout would wait 4 ms each time.
 */
export function messageTurns(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}
