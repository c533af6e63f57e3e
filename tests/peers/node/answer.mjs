// Every script here is `node SCRIPT COMMAND`: JSON on stdin, JSON on stdout.
import { text } from 'node:stream/consumers';

export async function answer(commands) {
  const given = JSON.parse(await text(process.stdin));
  console.log(JSON.stringify(await commands[process.argv[2]](given)));
}
