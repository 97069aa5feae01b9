/* Steps a packet through the program. The packets' bytes and the program come with the page; the
 * machine below is cbpf's vm.c in another language, and says so if their verdicts differ. What
 * comes from outside is shown with textContent only. */
'use strict';
(function () {
const data = JSON.parse(document.getElementById('data').textContent);
const program = data.program; /* [code, jt, jf, k] */
const MOST_STEPS = 100000; /* of a program that jumps back */
const MOST_JUMPS_BACK = 1 << 20;

const $ = (id) => document.getElementById(id);

function make(tag, className, text) {
	const element = document.createElement(tag);
	if (className)
		element.className = className;
	if (text !== undefined)
		element.textContent = text;
	return element;
}

const hex = (value) => '0x' + value.toString(16);
const number = (value) => value < 10 ? String(value) : hex(value) + ' (' + value + ')';

/* ---- the machine ---- */

const CLASS = {LD: 0, LDX: 1, ST: 2, STX: 3, ALU: 4, JMP: 5, RET: 6, MISC: 7};
const MODE = {IMM: 0x00, ABS: 0x20, IND: 0x40, MEM: 0x60, LEN: 0x80, MSH: 0xa0};
const X = 0x08;
const SIZES = {0x00: 4, 0x08: 2, 0x10: 1};

const OPERATORS = {
	0x00: ['+', (a, b) => (a + b) >>> 0],
	0x10: ['-', (a, b) => (a - b) >>> 0],
	0x20: ['*', (a, b) => Math.imul(a, b) >>> 0],
	0x30: ['/', (a, b) => Math.floor(a / b)],
	0x40: ['|', (a, b) => (a | b) >>> 0],
	0x50: ['&', (a, b) => (a & b) >>> 0],
	0x60: ['<<', (a, b) => b < 32 ? (a << b) >>> 0 : 0],
	0x70: ['>>', (a, b) => b < 32 ? a >>> b : 0],
	0x90: ['%', (a, b) => a % b],
	0xa0: ['^', (a, b) => (a ^ b) >>> 0],
};

const TESTS = {
	0x10: ['==', (a, b) => a === b],
	0x20: ['>', (a, b) => a > b],
	0x30: ['>=', (a, b) => a >= b],
	0x40: ['&', (a, b) => (a & b) !== 0],
};

/* Executes one instruction of `machine` ({at, a, x, memory, packet, jumpsBack}). Returns what it did:
 * in words, the bytes read (offset, size), the edge taken at a jump (t, f or ''), and, if the run ends
 * there, the verdict. */
function execute(machine) {
	const [code, jt, jf, k] = program[machine.at];
	const did = {words: '', offset: 0, size: 0, edge: '', verdict: null};

	machine.at++;
	INSTRUCTIONS[code & 7](machine, did, code & 0xff, k, jt, jf);
	return did;
}

function reject(did, words) {
	did.words = words;
	did.verdict = 0;
}

/* Reads `size` bytes; null, with the verdict set, if they are not all there. */
function readBytes(machine, did, offset, size) {
	const packet = machine.packet;

	did.offset = offset;
	did.size = size;
	if (offset + size > packet.captured) {
		reject(did, (offset >= 0xfffff000 ? 'asks the kernel for what only a live packet has' :
			'reads ' + range(offset, size) + ', past the ' + packet.captured + ' bytes captured') +
			': the packet is');
		return null;
	}
	let value = 0;
	for (let i = 0; i < size; i++)
		value = value * 256 + packet.bytes[offset + i];
	return value;
}

const range = (offset, size) => size === 1 ? 'byte ' + offset :
	'bytes ' + offset + ' to ' + (offset + size - 1);

function invalid(machine, did) {
	reject(did, 'is no instruction: the packet is');
}

function set(machine, did, register, value, from) {
	machine[register] = value;
	did.words = (from ? from + '; ' : '') + register.toUpperCase() + ' becomes ' + number(value);
}

function load(machine, did, code, k) {
	const register = (code & 7) === CLASS.LD ? 'a' : 'x';
	const mode = code & 0xe0;

	switch (mode) {
	case MODE.IMM: return set(machine, did, register, k);
	case MODE.MEM: return set(machine, did, register, machine.memory[k % 16], 'takes M[' + k % 16 + ']');
	case MODE.LEN: return set(machine, did, register, machine.packet.length, "takes the packet's length");
	case MODE.MSH: {
		const value = readBytes(machine, did, k, 1);
		if (value !== null)
			set(machine, did, 'x', (value & 15) << 2, 'reads byte ' + k + ' = ' + hex(value));
		return undefined;
	}
	case MODE.ABS:
	case MODE.IND: {
		const size = SIZES[code & 0x18];
		const value = readBytes(machine, did, k + (mode === MODE.IND ? machine.x : 0), size);
		if (value !== null)
			set(machine, did, 'a', value, 'reads ' + range(did.offset, size));
		return undefined;
	}
	default: return invalid(machine, did);
	}
}

function store(machine, did, code, k) {
	const from = (code & 7) === CLASS.ST ? 'a' : 'x';

	machine.memory[k % 16] = machine[from];
	did.words = 'M[' + k % 16 + '] becomes ' + from.toUpperCase() + ' = ' + number(machine[from]);
}

function calculate(machine, did, code, k) {
	const operand = code & X ? machine.x : k;
	const before = machine.a;

	if ((code & 0xf0) === 0x80)
		return set(machine, did, 'a', -machine.a >>> 0, '-' + hex(before));
	const operator = OPERATORS[code & 0xf0];
	if (!operator)
		return invalid(machine, did);
	if (operand === 0 && '/%'.includes(operator[0]))
		return reject(did, 'divides by zero: the packet is');
	return set(machine, did, 'a', operator[1](before, operand),
		hex(before) + ' ' + operator[0] + ' ' + hex(operand));
}

function jump(machine, did, code, k, jt, jf) {
	if ((code & 0xf0) === 0) {
		if (k > 0x7fffffff && ++machine.jumpsBack > MOST_JUMPS_BACK)
			return reject(did, 'jumps back without end: the packet is');
		machine.at += k | 0;
		did.words = 'goes to ' + machine.at;
		return undefined;
	}
	const test = TESTS[code & 0xf0];
	if (!test)
		return invalid(machine, did);
	const operand = code & X ? machine.x : k;
	const holds = test[1](machine.a, operand);
	did.edge = holds ? 't' : 'f';
	machine.at += holds ? jt : jf;
	did.words = hex(machine.a) + ' ' + test[0] + ' ' + hex(operand) + (test[0] === '&' ? ', any bit' : '') +
		'? ' + (holds ? 'Yes' : 'No') + ', goes to ' + machine.at;
	return undefined;
}

function finish(machine, did, code, k) {
	did.verdict = (code & 0x18) === 0x10 ? machine.a : k;
	did.words = did.verdict ? 'returns ' + did.verdict + ', so many bytes to keep at most: the packet is' :
		'returns 0: the packet is';
}

function move(machine, did, code) {
	if (code & 0x80)
		set(machine, did, 'a', machine.x, 'takes X');
	else
		set(machine, did, 'x', machine.a, 'takes A');
}

const INSTRUCTIONS = [load, load, store, store, calculate, jump, finish, move];

/* All steps of a packet: the machine before each instruction, and what that does. */
function run(packet) {
	const machine = {at: 0, a: 0, x: 0, memory: new Array(16).fill(0), packet: packet, jumpsBack: 0};
	const steps = [];
	let did;

	do {
		if (machine.at < 0 || machine.at >= program.length)
			break;
		const step = {at: machine.at, a: machine.a, x: machine.x, memory: machine.memory.slice()};
		did = execute(machine);
		step.did = did;
		step.to = machine.at;
		steps.push(step);
	} while (did.verdict === null && steps.length < MOST_STEPS);
	return steps;
}

/* ---- what is shown ---- */

const packets = (data.packets || []).map(([time, line, captured, length, base64, verdict]) => ({
	time, line, captured, length, base64, verdict, bytes: null,
}));
/* The scratch memory the program uses. */
const memoryUsed = [...new Set(program.filter(([code]) => (code & 7) === 2 || (code & 7) === 3 ||
	((code & 7) <= 1 && (code & 0xe0) === MODE.MEM)).map((instruction) => instruction[3] % 16))].sort((a, b) => a - b);
const blockOf = [];
const blockStarts = new Set(data.blocks);
const rows = []; /* of the program */
const options = []; /* the packets */
let cells = []; /* of the bytes: [hex, character] */
let chosen = -1;
let steps = [];
let at = 0; /* in `steps` */
let zoom = 1;
let lit = []; /* what the path lit in the graph and the program */
let marked = []; /* bytes marked as read */

/* What an instruction does, behind the header that it reads. */
function note(i) {
	const text = make('span', 'note', data.notes[i]);

	if (data.headers[i]) {
		const header = make('span', 'header', data.headers[i]);
		header.title = 'the header that is read';
		text.prepend(header);
	}
	return text;
}

function showProgram() {
	let block = 0;

	program.forEach(([code, jt, jf], i) => {
		const row = make('li', 'instruction');
		const text = make('span', 'text', data.text[i]);
		if (blockStarts.has(i)) {
			block = i;
			if (i > 0)
				row.classList.add('starts');
		}
		blockOf[i] = block;
		if ((code & 7) === CLASS.JMP && (code & 0xf0) !== 0)
			text.append(make('span', 'targets', '  jt ' + (i + 1 + jt) + '  jf ' + (i + 1 + jf)));
		if ((code & 7) === CLASS.RET && (code & 0x18) === 0)
			row.classList.add(program[i][3] ? 'accept' : 'reject');
		row.append(make('span', 'number', String(i)), text, note(i));
		row.addEventListener('click', () => goToInstruction(i));
		rows.push(row);
	});
	$('program').append(...rows);
	$('program').style.setProperty('--text-width',
		Math.max(...rows.map((row) => row.querySelector('.text').textContent.length)) + 'ch');
	$('program-count').textContent = program.length + (program.length === 1 ? ' instruction' : ' instructions');
}

/* ---- classic beside extended ---- */

const besideRows = []; /* of the classic instructions, as `rows` */
const testOf = []; /* by classic instruction: its test there */
let selected = null;
let litTexts = [];

function besideLine(number, text, note) {
	const row = make('li');

	row.append(make('span', 'number', String(number)), make('span', 'text', text));
	if (note)
		row.append(make('span', 'note', note));
	return row;
}

function classicLine(i) {
	const [code, jt, jf] = program[i];
	const jumps = (code & 7) === CLASS.JMP && (code & 0xf0) !== 0;
	const row = besideLine(i, data.text[i] + (jumps ? '  jt ' + (i + 1 + jt) + '  jf ' + (i + 1 + jf) : ''), data.notes[i]);

	row.addEventListener('click', () => goToInstruction(i));
	besideRows[i] = row;
	return row;
}

function extendedLine([number, text, note, next]) {
	return besideLine(number, text, [note, next && '→ ' + next].filter(Boolean).join('  '));
}

/* The instructions of a test in the graph. */
function lightTest(test) {
	litTexts.forEach((text) => text.classList.remove('lit'));
	litTexts = [];
	(test ? test.instructions : []).forEach((i) => {
		const block = $('b' + blockOf[i]);
		const text = block && block.querySelectorAll('text')[i - blockOf[i]];
		if (text) {
			text.classList.add('lit');
			litTexts.push(text);
		}
	});
}

function selectTest(part, test) {
	if (selected)
		selected.part.removeAttribute('aria-current');
	selected = selected && selected.part === part ? null : {part, test};
	if (selected)
		part.setAttribute('aria-current', 'true');
	lightTest(selected && selected.test);
}

function showTest(test) {
	const part = make('div', 'both');
	const question = make('pre', 'question');
	const lines = test.question.replace(/\n$/, '').split('\n');
	const classic = make('ol', 'classic');
	const extended = make('ol', 'extended');

	lines.forEach((line, i) => question.append(
		make('span', line.startsWith(' ') ? 'arms' : '', line.replace(/ +->/, ' ->') + (i + 1 < lines.length ? '\n' : ''))));
	classic.setAttribute('aria-label', 'classic');
	extended.setAttribute('aria-label', 'extended');
	classic.append(...test.instructions.map(classicLine));
	extended.append(...test.extended.map(extendedLine));
	if (test.copies)
		extended.append(make('li', 'note', 'of packets in pieces: ' + test.copies));
	part.tabIndex = 0;
	part.append(question, classic, extended);
	part.addEventListener('mouseenter', () => lightTest(test));
	part.addEventListener('focus', () => lightTest(test));
	part.addEventListener('mouseleave', () => lightTest(selected && selected.test));
	part.addEventListener('blur', () => lightTest(selected && selected.test));
	part.addEventListener('click', () => selectTest(part, test));
	part.addEventListener('keydown', (event) => {
		if (event.key !== 'Enter' && event.key !== ' ')
			return;
		event.preventDefault();
		selectTest(part, test);
	});
	test.instructions.forEach((i) => { testOf[i] = part; });
	return part;
}

function showBeside() {
	if (!data.beside) {
		document.body.classList.add('alone');
		return;
	}
	$('beside').append(make('p', 'about', 'Left classic BPF, right extended BPF (' + data.beside.count +
		' instructions), for ' + data.beside.place + '. What A and X hold is in r0 to r5 there, what M[] holds on the ' +
		"stack below r10; r6 is the context, r7 the packet's start, r8 its end, r9 a place in it."),
		...data.beside.tests.map(showTest));
}

function toggleBeside() {
	if (!data.beside)
		return;
	const shown = $('beside').hidden;
	$('beside').hidden = !shown;
	$('program').hidden = shown;
	$('beside-button').setAttribute('aria-pressed', String(shown));
	if (chosen >= 0)
		afterwards();
}

function showPackets() {
	packets.forEach((packet, i) => {
		const option = make('div', 'packet ' + (packet.verdict ? 'accept' : 'reject'));
		const mark = make('span', 'mark', packet.verdict ? '✓' : '✗');
		option.id = 'packet-' + (i + 1);
		option.setAttribute('role', 'option');
		option.setAttribute('aria-selected', 'false');
		mark.setAttribute('aria-label', packet.verdict ? 'accepted' : 'rejected');
		mark.setAttribute('role', 'img');
		option.append(make('span', 'number', String(i + 1)), mark, make('span', 'time', packet.time),
			make('span', 'line', packet.line));
		option.addEventListener('click', () => choose(i));
		options.push(option);
	});
	$('packets').append(...options);
	const accepted = packets.filter((packet) => packet.verdict).length;
	$('packets-count').textContent = data.file ? packets.length + ' shown' + (data.more ? ', the file has more' : '') +
		', ' + accepted + ' accepted' : 'none: -r FILE shows those of a capture';
}

function bytesOf(packet) {
	if (!packet.bytes)
		packet.bytes = Uint8Array.from(atob(packet.base64), (character) => character.charCodeAt(0));
	return packet.bytes;
}

const narrow = matchMedia('(max-width: 599px)');

/* The hex dump; `cells` gets the elements of each byte. */
function showBytes() {
	const bytes = bytesOf(packets[chosen]);
	const width = narrow.matches ? 8 : 16;
	const panel = document.createDocumentFragment();

	cells = [];
	marked = [];
	for (let start = 0; start < bytes.length; start += width) {
		const row = make('div', 'row');
		const characters = make('span', 'characters');
		row.append(make('span', 'offset', start.toString(16).padStart(4, '0')), '  ');
		for (let i = start; i < start + width; i++) {
			if (i > start)
				row.append(i % 8 ? ' ' : '  ');
			if (i >= bytes.length) {
				row.append('  ');
				continue;
			}
			const byte = make('span', 'byte', bytes[i].toString(16).padStart(2, '0'));
			const printable = bytes[i] >= 0x20 && bytes[i] < 0x7f;
			const character = make('span', 'character', printable ? String.fromCharCode(bytes[i]) : '.');
			row.append(byte);
			characters.append(character);
			cells.push([byte, character]);
		}
		row.append('  ', characters);
		panel.append(row);
	}
	if (bytes.length < packets[chosen].captured)
		panel.append(make('p', '', 'The filter reads none of the other ' +
			(packets[chosen].captured - bytes.length) + ' bytes; this page goes without them.'));
	$('bytes').replaceChildren(panel);
}

/* Scrolls `panel`, and nothing around it, until `element` is in sight. */
function follow(panel, element) {
	const inside = element.getBoundingClientRect();
	const around = panel.getBoundingClientRect();
	const margin = Math.min(40, around.height / 4);

	if (inside.top < around.top + margin)
		panel.scrollTop += inside.top - around.top - margin;
	else if (inside.bottom > around.bottom - margin)
		panel.scrollTop += inside.bottom - around.bottom + margin;
	if (inside.left < around.left)
		panel.scrollLeft += inside.left - around.left - 10;
	else if (inside.right > around.right)
		panel.scrollLeft += Math.min(inside.right - around.right + 10, inside.left - around.left - 10);
}

/* What needs the layout waits for the next picture, so that keys held down cost one a picture. */
let waiting = false;
function afterwards() {
	if (waiting)
		return;
	waiting = true;
	requestAnimationFrame(() => {
		waiting = false;
		settle();
	});
}

function settle() {
	const step = steps[at];
	const block = $('b' + blockOf[step.at]);
	const read = document.querySelector('#bytes .read');

	follow($('packets'), options[chosen]);
	follow($('program-scroll'), $('beside').hidden ? rows[step.at] : besideRows[step.at]);
	if (read)
		follow($('bytes'), read);
	else if (at === 0)
		$('bytes').scrollTop = 0;
	if (block) {
		underline(block.querySelector('.now-text'));
		follow($('graph'), block);
	}
}

/* Puts a bar behind the instruction's line in its block of the graph. */
let bar = null;
function underline(text) {
	const box = text.getBBox();

	bar = bar || document.createElementNS('http://www.w3.org/2000/svg', 'rect');
	bar.setAttribute('class', 'now-bar');
	bar.setAttribute('x', box.x);
	bar.setAttribute('y', box.y);
	bar.setAttribute('width', box.width + 4);
	bar.setAttribute('height', box.height);
	bar.setAttribute('rx', 2);
	text.parentNode.insertBefore(bar, text.parentNode.querySelector('text'));
}

function light(element) {
	if (element && !element.classList.contains('path')) {
		element.classList.add('path');
		lit.push(element);
	}
}

/* The whole path of the packet, in the program and the graph. */
function lightPath() {
	lit.forEach((element) => element.classList.remove('path'));
	lit = [];
	steps.forEach((step, i) => {
		const block = blockOf[step.at];
		light(rows[step.at]);
		light(besideRows[step.at]);
		light($('b' + block));
		if (i + 1 < steps.length && blockStarts.has(step.to))
			light($('e' + block + step.did.edge) || $('e' + block));
	});
}

function showRegister(list, name, value, changed) {
	const group = make('div', changed ? 'changed' : '');
	group.append(make('dt', '', name), make('dd', '', number(value)));
	list.append(group);
}

function showRegisters(step, before) {
	const list = document.createDocumentFragment();

	showRegister(list, 'A', step.a, before && before.a !== step.a);
	showRegister(list, 'X', step.x, before && before.x !== step.x);
	memoryUsed.forEach((i) => showRegister(list, 'M[' + i + ']', step.memory[i],
		before && before.memory[i] !== step.memory[i]));
	$('registers').replaceChildren(list);
}

function showEffect(step) {
	const effect = $('effect');
	const did = step.did;

	effect.replaceChildren(make('code', '', step.at + ' ' + data.text[step.at].replace(/  +/, ' ')), ' ',
		note(step.at), make('br'),
		did.words.charAt(0).toUpperCase() + did.words.slice(1));
	if (did.verdict !== null) {
		effect.append(' ', make('span', did.verdict ? 'accept' : 'reject',
			did.verdict ? '✓ accepted' : '✗ rejected'), '.');
		if ((did.verdict !== 0) !== (packets[chosen].verdict !== 0))
			effect.append(' But filt itself came to the other verdict: please report this.');
	} else {
		effect.append(at + 1 === steps.length ? '. More steps than this page shows.' : '.');
	}
}

/* Marks the bytes that the step reads, and underlines those read before. */
function markBytes(step) {
	marked.forEach((cell) => cell.classList.remove('read', 'seen'));
	marked = [];
	const mark = (did, className) => {
		for (let i = did.offset; i < did.offset + did.size && i < cells.length; i++) {
			cells[i].forEach((cell) => cell.classList.add(className));
			marked.push(...cells[i]);
		}
	};
	steps.slice(Math.max(0, at - 1000), at).forEach((earlier) => mark(earlier.did, 'seen'));
	mark(step.did, 'read');
	$('bytes-count').textContent = step.did.size ? range(step.did.offset, step.did.size) + ' read now' :
		'none read now';
}

/* The instruction in the program, and its line and block in the graph. */
let now = [];
function markNow(step) {
	const row = rows[step.at];
	const block = $('b' + blockOf[step.at]);

	now.forEach((element) => {
		element.classList.remove('now', 'now-text', 'current');
		element.removeAttribute('aria-current');
	});
	row.classList.add('now');
	row.setAttribute('aria-current', 'step');
	now = [row];
	if (besideRows[step.at]) {
		besideRows[step.at].classList.add('now');
		testOf[step.at].classList.add('current');
		now.push(besideRows[step.at], testOf[step.at]);
	}
	if (block) {
		const text = block.querySelectorAll('text')[step.at - blockOf[step.at]];
		block.classList.add('now');
		text.classList.add('now-text');
		now.push(block, text);
	}
}

function showStep() {
	const step = steps[at];

	$('step-count').textContent = 'packet ' + (chosen + 1) + ', step ' + (at + 1) + ' of ' + steps.length;
	showRegisters(step, at > 0 ? steps[at - 1] : null);
	showEffect(step);
	markBytes(step);
	markNow(step);
	afterwards();
	$('first').disabled = $('back').disabled = at === 0;
	$('last').disabled = $('forward').disabled = at === steps.length - 1;
	$('previous').disabled = chosen === 0;
	$('next').disabled = chosen === packets.length - 1;
}

function goTo(step) {
	if (chosen < 0)
		return;
	at = Math.max(0, Math.min(steps.length - 1, step));
	showStep();
}

/* To the step that executes an instruction; of several, to the next one. */
function goToInstruction(instruction) {
	let found = steps.findIndex((step, i) => i > at && step.at === instruction);

	if (found < 0)
		found = steps.findIndex((step) => step.at === instruction);
	if (found >= 0)
		goTo(found);
}

function choose(i) {
	if (packets.length === 0)
		return;
	i = Math.max(0, Math.min(packets.length - 1, i));
	if (i === chosen)
		return;
	if (chosen >= 0)
		options[chosen].setAttribute('aria-selected', 'false');
	chosen = i;
	options[i].setAttribute('aria-selected', 'true');
	$('packets').setAttribute('aria-activedescendant', options[i].id);
	const packet = packets[i];
	bytesOf(packet);
	$('packet-line').textContent = packet.time + ' ' + packet.line;
	steps = run(packet);
	at = 0;
	document.body.classList.add('chosen');
	lightPath();
	showBytes();
	showStep();
}

/* ---- the graph's size ---- */

const svg = document.querySelector('#graph svg');
let natural = 0; /* its width in pixels */

function setZoom(to) {
	if (!svg)
		return;
	zoom = Math.max(0.2, Math.min(3, to));
	svg.setAttribute('width', natural * zoom);
	svg.removeAttribute('height');
	if (chosen >= 0)
		afterwards();
}

/* As wide as its part, but not so small that it cannot be read. */
function fit() {
	setZoom(Math.max(0.75, Math.min(1, ($('graph').clientWidth - 22) / natural)));
}

function prepareGraph() {
	if (!svg) {
		$('zoom').remove();
		return;
	}
	svg.setAttribute('role', 'img');
	svg.setAttribute('aria-label', 'Control flow graph; the program has the same in words');
	svg.querySelectorAll('title').forEach((title) => title.remove());
	svg.querySelectorAll('.node').forEach((node) =>
		node.addEventListener('click', () => goToInstruction(Number(node.id.slice(1)))));
	/* The page has a ground of its own, and the expression above the graph as its title. */
	svg.querySelectorAll('.graph > polygon, .graph > text').forEach((element) => element.remove());
	const box = svg.getBBox();
	svg.setAttribute('viewBox', [box.x - 4, box.y - 4, box.width + 8, box.height + 8].join(' '));
	natural = (box.width + 8) * 4 / 3; /* Graphviz counts in points */
	fit();
}

/* ---- keys and buttons ---- */

const ACTIONS = {
	ArrowLeft: () => goTo(at - 1),
	ArrowRight: () => goTo(at + 1),
	Home: () => goTo(0),
	End: () => goTo(steps.length - 1),
	ArrowUp: () => choose(chosen - 1),
	ArrowDown: () => choose(chosen + 1),
	k: () => choose(chosen - 1),
	j: () => choose(chosen + 1),
	PageUp: () => choose(chosen - 10),
	PageDown: () => choose(chosen + 10),
	'+': () => setZoom(zoom * 1.2),
	'=': () => setZoom(zoom * 1.2),
	'-': () => setZoom(zoom / 1.2),
	0: fit,
	b: toggleBeside,
};
const SCROLLING = ['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown'];
const BUTTONS = {
	first: 'Home', back: 'ArrowLeft', forward: 'ArrowRight', last: 'End', previous: 'ArrowUp', next: 'ArrowDown',
	larger: '+', smaller: '-', fit: '0', 'beside-button': 'b',
};

/* Whoever came to a part with Tab wants to scroll it; a click there changes nothing. */
function scrollsFocused(key) {
	const focused = document.activeElement;
	return SCROLLING.includes(key) && focused.classList.contains('scroll') && focused.id !== 'packets' &&
		focused.matches(':focus-visible');
}

document.addEventListener('keydown', (event) => {
	const action = ACTIONS[event.key];
	const onlyGraph = packets.length === 0 && !'+=-0b'.includes(event.key);

	if (!action || onlyGraph || event.ctrlKey || event.altKey || event.metaKey || scrollsFocused(event.key))
		return;
	event.preventDefault();
	action();
});
for (const [id, key] of Object.entries(BUTTONS))
	if ($(id))
		$(id).addEventListener('click', ACTIONS[key]);
narrow.addEventListener('change', () => {
	if (chosen >= 0) {
		showBytes();
		showStep();
	}
});
addEventListener('resize', fit);

showProgram();
showBeside();
showPackets();
prepareGraph();
if (packets.length > 0) {
	choose(Math.max(0, Number((/^#packet-(\d+)$/.exec(location.hash) || [0, 1])[1]) - 1));
	$('packets').focus({preventScroll: true, focusVisible: false});
}
if (location.hash === '#beside')
	toggleBeside();
})();
