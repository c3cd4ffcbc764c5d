// Made by `npm run style-types` from the style modules.
declare module '*/app.module.css' {
  const styles: {
    readonly banner: string;
    readonly brand: string;
    readonly brandMark: string;
    readonly brandName: string;
    readonly count: string;
    readonly ended: string;
    readonly footer: string;
    readonly header: string;
    readonly licenceLeft: string;
    readonly nav: string;
    readonly navAppliance: string;
    readonly navGroups: string;
    readonly navIcon: string;
    readonly navItem: string;
    readonly navLabel: string;
    readonly operator: string;
    readonly paletteField: string;
    readonly shell: string;
    readonly skip: string;
    readonly wideOnly: string;
  };
  export default styles;
}
declare module '*/appliance.module.css' {
  const styles: {
    readonly applianceCapacity: string;
    readonly applianceTunnels: string;
    readonly bar: string;
    readonly confirm: string;
    readonly fingerprints: string;
    readonly hostKey: string;
    readonly importRows: string;
    readonly loginFields: string;
    readonly more: string;
    readonly moreFields: string;
    readonly nameFields: string;
    readonly overview: string;
    readonly overviewProblems: string;
    readonly services: string;
    readonly steps: string;
  };
  export default styles;
}
declare module '*/codes.module.css' {
  const styles: {
    readonly help: string;
  };
  export default styles;
}
declare module '*/configuration.module.css' {
  const styles: {
    readonly changedLegend: string;
    readonly changes: string;
    readonly columns: string;
    readonly compared: string;
    readonly editor: string;
    readonly findings: string;
    readonly keyHelp: string;
    readonly note: string;
    readonly restore: string;
    readonly second: string;
    readonly versionActions: string;
    readonly versions: string;
  };
  export default styles;
}
declare module '*/connect.module.css' {
  const styles: {
    readonly connectContext: string;
    readonly connectForm: string;
    readonly connectPane: string;
    readonly connectRows: string;
    readonly connectScroll: string;
    readonly connectSplit: string;
    readonly connectWritten: string;
    readonly finding: string;
    readonly findingHead: string;
    readonly findings: string;
    readonly handOverFile: string;
    readonly handOverFiles: string;
  };
  export default styles;
}
declare module '*/fanOut.module.css' {
  const styles: {
    readonly choice: string;
    readonly choices: string;
    readonly columns: string;
    readonly command: string;
    readonly commandFoot: string;
    readonly commandTexts: string;
    readonly diffHead: string;
    readonly keptRun: string;
    readonly marks: string;
    readonly next: string;
    readonly output: string;
    readonly production: string;
    readonly resultColumns: string;
    readonly skipped: string;
    readonly terminal: string;
    readonly tile: string;
    readonly wave: string;
    readonly waves: string;
  };
  export default styles;
}
declare module '*/fleet.module.css' {
  const styles: {
    readonly bad: string;
    readonly capacities: string;
    readonly capacity: string;
    readonly capacityCell: string;
    readonly capacityLine: string;
    readonly capacityName: string;
    readonly capacitySummary: string;
    readonly edge: string;
    readonly fleetProblems: string;
    readonly fleetTable: string;
    readonly legend: string;
    readonly lock: string;
    readonly mark: string;
    readonly marks: string;
    readonly problemLink: string;
    readonly stepNumber: string;
    readonly stepText: string;
    readonly steps: string;
  };
  export default styles;
}
declare module '*/licences.module.css' {
  const styles: {
    readonly action: string;
    readonly actionEnd: string;
    readonly actions: string;
    readonly bar: string;
    readonly calendar: string;
    readonly calendarFrame: string;
    readonly cardAside: string;
    readonly closedSample: string;
    readonly dialogEnd: string;
    readonly diamond: string;
    readonly end: string;
    readonly graceSample: string;
    readonly leadTimes: string;
    readonly legend: string;
    readonly legendList: string;
    readonly mark: string;
    readonly markedFields: string;
    readonly markedStep: string;
    readonly members: string;
    readonly month: string;
    readonly monthLine: string;
    readonly parityNotes: string;
    readonly reminderRow: string;
    readonly role: string;
    readonly rowAction: string;
    readonly second: string;
    readonly settingRows: string;
    readonly settingsCards: string;
    readonly tableCard: string;
    readonly today: string;
    readonly todayLine: string;
    readonly track: string;
    readonly trackCell: string;
    readonly voids: string;
  };
  export default styles;
}
declare module '*/qr.module.css' {
  const styles: {
    readonly code: string;
    readonly frame: string;
    readonly progress: string;
    readonly video: string;
  };
  export default styles;
}
declare module '*/trip.module.css' {
  const styles: {
    readonly answer: string;
    readonly carry: string;
    readonly changes: string;
    readonly checks: string;
    readonly clockProblem: string;
    readonly column: string;
    readonly command: string;
    readonly continue: string;
    readonly dialogEnd: string;
    readonly drop: string;
    readonly end: string;
    readonly ended: string;
    readonly fields: string;
    readonly hints: string;
    readonly keepOpen: string;
    readonly linkInText: string;
    readonly loss: string;
    readonly lossEnd: string;
    readonly lossHead: string;
    readonly lossTunnels: string;
    readonly losses: string;
    readonly next: string;
    readonly nextButtons: string;
    readonly nextRow: string;
    readonly notInIt: string;
    readonly number: string;
    readonly problem: string;
    readonly progress: string;
    readonly sheet: string;
    readonly signature: string;
    readonly step: string;
    readonly steps: string;
    readonly tableFrame: string;
    readonly unchanged: string;
    readonly verify: string;
    readonly ways: string;
  };
  export default styles;
}
declare module '*/notifications.module.css' {
  const styles: {
    readonly bell: string;
    readonly bellCount: string;
    readonly notification: string;
    readonly notificationBar: string;
    readonly notificationLink: string;
    readonly notificationState: string;
    readonly notificationText: string;
    readonly notifications: string;
  };
  export default styles;
}
declare module '*/secrets.module.css' {
  const styles: {
    readonly countdown: string;
    readonly credential: string;
  };
  export default styles;
}
declare module '*/settings.module.css' {
  const styles: {
    readonly lockNote: string;
    readonly locked: string;
    readonly rule: string;
    readonly rulePlain: string;
    readonly settings: string;
    readonly settingsForm: string;
    readonly timeInput: string;
  };
  export default styles;
}
declare module '*/export.module.css' {
  const styles: {
    readonly kinds: string;
    readonly lines: string;
    readonly preview: string;
  };
  export default styles;
}
declare module '*/facets.module.css' {
  const styles: {
    readonly count: string;
    readonly facet: string;
    readonly name: string;
    readonly others: string;
    readonly panel: string;
    readonly value: string;
  };
  export default styles;
}
declare module '*/kept.module.css' {
  const styles: {
    readonly axis: string;
    readonly bar: string;
    readonly bars: string;
    readonly card: string;
    readonly context: string;
    readonly contextPlace: string;
    readonly drawer: string;
    readonly edge: string;
    readonly fold: string;
    readonly foldCount: string;
    readonly gap: string;
    readonly gapMore: string;
    readonly gapText: string;
    readonly head: string;
    readonly help: string;
    readonly histogram: string;
    readonly implied: string;
    readonly impliedTerm: string;
    readonly keys: string;
    readonly line: string;
    readonly list: string;
    readonly looked: string;
    readonly marked: string;
    readonly message: string;
    readonly mirror: string;
    readonly name: string;
    readonly note: string;
    readonly nothing: string;
    readonly problem: string;
    readonly query: string;
    readonly queryBox: string;
    readonly queryHelp: string;
    readonly queryHint: string;
    readonly queryInput: string;
    readonly queryResult: string;
    readonly queryRow: string;
    readonly readout: string;
    readonly rows: string;
    readonly selection: string;
    readonly severity: string;
    readonly skew: string;
    readonly spring: string;
    readonly suggestion: string;
    readonly suggestions: string;
    readonly time: string;
    readonly tools: string;
    readonly withFacets: string;
  };
  export default styles;
}
declare module '*/watch.module.css' {
  const styles: {
    readonly rule: string;
    readonly ruleHead: string;
  };
  export default styles;
}
declare module '*/syslog.module.css' {
  const styles: {
    readonly edge: string;
    readonly gap: string;
    readonly log: string;
    readonly logCard: string;
    readonly logFigures: string;
    readonly logLine: string;
    readonly logName: string;
    readonly logNone: string;
    readonly logTime: string;
    readonly message: string;
    readonly severity: string;
    readonly unseen: string;
  };
  export default styles;
}
declare module '*/bulk.module.css' {
  const styles: {
    readonly bar: string;
    readonly head: string;
    readonly plans: string;
    readonly results: string;
    readonly run: string;
  };
  export default styles;
}
declare module '*/changes.module.css' {
  const styles: {
    readonly end: string;
    readonly fact: string;
    readonly keyBlock: string;
    readonly manyProgress: string;
    readonly manyRows: string;
    readonly outcome: string;
    readonly planCard: string;
    readonly planDifference: string;
    readonly planEnds: string;
    readonly tenantActions: string;
  };
  export default styles;
}
declare module '*/AvailabilityReport.module.css' {
  const styles: {
    readonly actions: string;
    readonly report: string;
  };
  export default styles;
}
declare module '*/Chain.module.css' {
  const styles: {
    readonly chain: string;
    readonly chainDot: string;
    readonly chainLine: string;
    readonly chainMark: string;
  };
  export default styles;
}
declare module '*/HistoryCard.module.css' {
  const styles: {
    readonly day: string;
    readonly dayBar: string;
    readonly dayPart: string;
    readonly dayScale: string;
    readonly daySpan: string;
    readonly dayWalk: string;
    readonly days: string;
    readonly drops: string;
    readonly latency: string;
  };
  export default styles;
}
declare module '*/customer.module.css' {
  const styles: {
    readonly contact: string;
    readonly longText: string;
  };
  export default styles;
}
declare module '*/story.module.css' {
  const styles: {
    readonly events: string;
  };
  export default styles;
}
declare module '*/tenants.module.css' {
  const styles: {
    readonly advice: string;
    readonly capacityBar: string;
    readonly capacityToggle: string;
    readonly destination: string;
    readonly disagrees: string;
    readonly dropsNote: string;
    readonly layerEvidence: string;
    readonly layers: string;
    readonly linesNote: string;
    readonly members: string;
    readonly panelFoot: string;
    readonly panelNote: string;
    readonly panelTitle: string;
    readonly panelWhere: string;
    readonly planner: string;
    readonly plannerNumber: string;
    readonly probeSaid: string;
    readonly proof: string;
    readonly proofLines: string;
    readonly quota: string;
    readonly quotaBar: string;
    readonly skeletonRows: string;
    readonly tableBar: string;
    readonly tableCount: string;
    readonly tablePlace: string;
    readonly tenantProbe: string;
    readonly tenantTunnel: string;
    readonly tenantTunnels: string;
  };
  export default styles;
}
declare module '*/trust.module.css' {
  const styles: {
    readonly cards: string;
    readonly note: string;
    readonly notices: string;
    readonly pair: string;
    readonly rows: string;
    readonly values: string;
  };
  export default styles;
}
declare module '*/usage.module.css' {
  const styles: {
    readonly answer: string;
    readonly ask: string;
    readonly cardFoot: string;
    readonly chart: string;
    readonly chartNote: string;
    readonly columns: string;
    readonly difference: string;
    readonly fields: string;
    readonly figures: string;
    readonly footNotes: string;
    readonly footRow: string;
    readonly found: string;
    readonly headline: string;
    readonly invoice: string;
    readonly listHead: string;
    readonly none: string;
    readonly opener: string;
    readonly pager: string;
    readonly partTitle: string;
    readonly plain: string;
    readonly planName: string;
    readonly rowSkeleton: string;
    readonly rows: string;
    readonly scrolled: string;
    readonly search: string;
    readonly searchField: string;
    readonly shortReport: string;
    readonly sides: string;
    readonly state: string;
    readonly tableFrame: string;
    readonly total: string;
    readonly unknown: string;
    readonly why: string;
  };
  export default styles;
}
declare module '*/whatIf.module.css' {
  const styles: {
    readonly actions: string;
    readonly busy: string;
    readonly effects: string;
    readonly former: string;
    readonly headline: string;
    readonly list: string;
    readonly mark: string;
    readonly note: string;
    readonly reveals: string;
    readonly saving: string;
    readonly step: string;
    readonly steps: string;
    readonly table: string;
    readonly words: string;
  };
  export default styles;
}
declare module '*/chart.module.css' {
  const styles: {
    readonly frame: string;
    readonly legend: string;
    readonly picture: string;
    readonly swatch: string;
  };
  export default styles;
}
declare module '*/diff.module.css' {
  const styles: {
    readonly lineNumber: string;
    readonly lineNumbers: string;
    readonly lineText: string;
    readonly lines: string;
    readonly sign: string;
  };
  export default styles;
}
declare module '*/CodeEditor.module.css' {
  const styles: {
    readonly editor: string;
    readonly hint: string;
    readonly host: string;
    readonly waiting: string;
  };
  export default styles;
}
declare module '*/feedback.module.css' {
  const styles: {
    readonly age: string;
    readonly chip: string;
    readonly code: string;
    readonly dot: string;
    readonly empty: string;
    readonly notice: string;
    readonly skeleton: string;
    readonly word: string;
  };
  export default styles;
}
declare module '*/form.module.css' {
  const styles: {
    readonly choices: string;
    readonly compactSelect: string;
    readonly fileField: string;
    readonly filter: string;
    readonly form: string;
    readonly formActions: string;
    readonly formJump: string;
    readonly formPair: string;
    readonly formSet: string;
    readonly kitDescription: string;
    readonly kitError: string;
    readonly kitInput: string;
    readonly kitLabel: string;
    readonly machineField: string;
    readonly numberField: string;
    readonly numberInput: string;
  };
  export default styles;
}
declare module '*/KeySheet.module.css' {
  const styles: {
    readonly keys: string;
    readonly or: string;
    readonly sheet: string;
  };
  export default styles;
}
declare module '*/Button.module.css' {
  const styles: {
    readonly btn: string;
    readonly danger: string;
    readonly primary: string;
    readonly quiet: string;
    readonly small: string;
    readonly spin: string;
  };
  export default styles;
}
declare module '*/Card.module.css' {
  const styles: {
    readonly body: string;
    readonly card: string;
    readonly facts: string;
    readonly figure: string;
    readonly kpi: string;
    readonly kpis: string;
    readonly label: string;
  };
  export default styles;
}
declare module '*/layout.module.css' {
  const styles: {
    readonly belowHead: string;
    readonly chips: string;
    readonly detail: string;
    readonly fill: string;
    readonly grow: string;
    readonly page: string;
    readonly pageActions: string;
    readonly pageHead: string;
    readonly plainList: string;
    readonly problems: string;
    readonly row: string;
    readonly segments: string;
    readonly split: string;
    readonly splitTable: string;
    readonly srOnly: string;
    readonly stack: string;
    readonly tight: string;
    readonly tightRow: string;
    readonly wrap: string;
  };
  export default styles;
}
declare module '*/overlay.module.css' {
  const styles: {
    readonly kind: string;
    readonly kitDrawer: string;
    readonly kitDrawerBody: string;
    readonly kitMenu: string;
    readonly kitMenuItem: string;
    readonly kitModal: string;
    readonly kitModalBody: string;
    readonly kitModalHead: string;
    readonly kitModalTitle: string;
    readonly palette: string;
    readonly paletteAction: string;
    readonly paletteEmpty: string;
    readonly paletteList: string;
    readonly paletteSearch: string;
    readonly toast: string;
    readonly toastText: string;
  };
  export default styles;
}
declare module '*/table.module.css' {
  const styles: {
    readonly fit: string;
    readonly menuDanger: string;
    readonly menuPlace: string;
    readonly menuValue: string;
    readonly table: string;
    readonly tableEmpty: string;
    readonly tableHead: string;
    readonly tableRow: string;
  };
  export default styles;
}
declare module '*/text.module.css' {
  const styles: {
    readonly clip: string;
    readonly command: string;
    readonly control: string;
    readonly copyLine: string;
    readonly faint: string;
    readonly fingerprint: string;
    readonly group: string;
    readonly link: string;
    readonly linkButton: string;
    readonly machine: string;
    readonly mono: string;
    readonly nameLink: string;
    readonly prefix: string;
    readonly strong: string;
    readonly sub: string;
    readonly tabular: string;
  };
  export default styles;
}
declare module '*.css';
