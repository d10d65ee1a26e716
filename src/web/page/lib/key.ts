/** Where this origin keeps its half of the session; another port of the same host cannot read it. */

export const KEY = 'antler-key';
