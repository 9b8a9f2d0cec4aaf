import { openBridge } from '@agd-bridge/bridge-open';

const bridge = openBridge(process.env, { software: 'hello 1.0.0' });
bridge.handle('js.Greet', ([word]) => {
  const name = bridge.callSync('go.Name', []);
  return JSON.stringify(`${JSON.parse(word)}, ${JSON.parse(name)}!`);
});
const { exitCode, message } = await bridge.ended;
if (message !== '') console.error(message);
process.exit(exitCode);
