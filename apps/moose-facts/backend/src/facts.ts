/** The facts: each is true, short enough to be read aloud, and says where it was taken from. */

export interface Source {
  readonly title: string;
  readonly url: string;
}

export interface Fact {
  /** Stable: a vote names it, and a page asks not to be given it again. */
  readonly id: string;
  readonly text: string;
  readonly source: Source;
}

const MOOSE: Source = { title: 'Wikipedia: Moose', url: 'https://en.wikipedia.org/wiki/Moose' };
const ALASKA: Source = {
  title: 'Alaska Department of Fish and Game: Moose',
  url: 'https://www.adfg.alaska.gov/index.cfm?adfg=moose.main',
};
const BRITANNICA: Source = { title: 'Encyclopædia Britannica: Moose', url: 'https://www.britannica.com/animal/moose-mammal' };
const YELLOWSTONE: Source = {
  title: 'National Park Service, Yellowstone: Moose',
  url: 'https://www.nps.gov/yell/learn/nature/moose.htm',
};
const ISLE_ROYALE: Source = { title: 'The Wolves and Moose of Isle Royale', url: 'https://isleroyalewolf.org/' };

export const FACTS: readonly Fact[] = [
  { id: 'largest-deer', text: 'The moose is the largest living member of the deer family.', source: BRITANNICA },
  {
    id: 'two-names',
    text: 'What North Americans call a moose, Europeans call an elk. What North Americans call an elk is another deer, the wapiti.',
    source: MOOSE,
  },
  {
    id: 'word',
    text: 'The word “moose” came into English from the Algonquian languages of North America early in the seventeenth century.',
    source: MOOSE,
  },
  {
    id: 'record',
    text: 'The largest confirmed moose, a bull shot near the Yukon River in 1897, weighed 820 kilograms and stood 2.33 metres tall at the shoulder.',
    source: MOOSE,
  },
  { id: 'bulls', text: 'Only bulls grow antlers. They drop them every winter and grow a new pair from spring to autumn.', source: ALASKA },
  {
    id: 'palms',
    text: 'A moose’s antlers are palmate, broad like an open hand; those of most other deer branch like twigs.',
    source: MOOSE,
  },
  {
    id: 'under-water',
    text: 'Moose dive for their dinner: they have been seen feeding on plants at the bottom of lakes, more than five metres down.',
    source: MOOSE,
  },
  { id: 'nostrils', text: 'Under water, fatty pads and muscles in a moose’s nose press its nostrils shut.', source: MOOSE },
  { id: 'teeth', text: 'Moose have no upper front teeth: eight sharp lower ones and a tough upper lip do the work.', source: MOOSE },
  {
    id: 'bell',
    text: 'The flap of skin that hangs under a moose’s chin is called a bell. Bulls and cows both have one.',
    source: MOOSE,
  },
  { id: 'appetite', text: 'A grown moose can eat up to 32 kilograms of plants in a day.', source: MOOSE },
  { id: 'speed', text: 'For all its size, a moose can run at about 56 kilometres an hour.', source: MOOSE },
  {
    id: 'solitary',
    text: 'Unlike most deer, moose form no herds: apart from a cow with her calves, they live alone.',
    source: MOOSE,
  },
  {
    id: 'calves',
    text: 'A newborn calf weighs 13 to 16 kilograms. Five months later it can top 135 kilograms.',
    source: ALASKA,
  },
  { id: 'triplets', text: 'Twins are common among moose; triplets come about once in a thousand births.', source: ALASKA },
  {
    id: 'legs',
    text: 'Long legs let a moose wade rivers and deep snow, swim well and run fast.',
    source: YELLOWSTONE,
  },
  {
    id: 'wolves',
    text: 'The moose and wolves of Isle Royale in Lake Superior have been watched since 1958: no study of a predator and its prey has gone on for longer.',
    source: ISLE_ROYALE,
  },
  {
    id: 'state-mammals',
    text: 'The moose is the state animal of Maine and the state land mammal of Alaska.',
    source: { title: 'Wikipedia: List of U.S. state mammals', url: 'https://en.wikipedia.org/wiki/List_of_U.S._state_mammals' },
  },
  {
    id: 'jefferson',
    text: 'Thomas Jefferson had the hide and bones of a moose shipped to Paris, to show the Comte de Buffon that America’s animals were not small.',
    source: {
      title: 'Wikipedia: Georges-Louis Leclerc, Comte de Buffon',
      url: 'https://en.wikipedia.org/wiki/Georges-Louis_Leclerc,_Comte_de_Buffon',
    },
  },
  {
    id: 'milk',
    text: 'On a farm near Kostroma in Russia, moose are kept for their milk.',
    source: { title: 'Wikipedia: Kostroma Moose Farm', url: 'https://en.wikipedia.org/wiki/Kostroma_Moose_Farm' },
  },
  {
    id: 'mac',
    text: 'Mac, a steel and concrete moose in Moose Jaw, Saskatchewan, is more than ten metres tall.',
    source: { title: 'Wikipedia: Mac the Moose', url: 'https://en.wikipedia.org/wiki/Mac_the_Moose' },
  },
];

export function findFact(id: string): Fact | undefined {
  return FACTS.find((fact) => fact.id === id);
}

/** Any fact but the one that the reader has just seen. `random` is in [0, 1). */
export function pickFact(random: number, not?: string): Fact {
  const choice = FACTS.filter((fact) => fact.id !== not);
  const fact = choice[Math.floor(random * choice.length)];
  if (fact === undefined) throw new RangeError(`Cannot pick a fact as random is not in [0, 1): ${random}`);
  return fact;
}
