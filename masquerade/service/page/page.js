"use strict";

const $ = (id) => document.getElementById(id);
const KEY = "token";
let picture = null; // of the person, a Blob; it leaves this page only in requests
let template = null; // as it was stored, a Blob
let busy = false;

function say(text, kind = "") {
  $("result").className = kind;
  $("result").textContent = text;
}

function show(figure, blob) {
  const image = $(figure).querySelector("img");
  URL.revokeObjectURL(image.src);
  image.src = blob ? URL.createObjectURL(blob) : "data:,";
  $(figure).hidden = !blob;
}

async function ask(path, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ""}` };
  let response;
  try {
    response = await fetch(path, { method: "POST", headers, body });
  } catch {
    throw new Error("The service does not answer.");
  }
  if (response.headers.get("content-type") === "image/png") return response.blob();
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

// One thing after the other. A disabled button would lose the focus.
async function doing(work) {
  if (busy) return;
  busy = true;
  for (const button of document.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  say("One moment …");
  try {
    await work();
  } catch (error) {
    say(error.message, "bad");
  } finally {
    busy = false;
    for (const button of document.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
}

function chosen() {
  if (!picture) throw new Error("Choose or take a picture first.");
  return { picture, cropped: $("cropped").checked };
}

async function look(blob) {
  picture = blob;
  show("chosen", blob);
  show("crop", null);
  if (!sessionStorage.getItem(KEY)) return say("The picture is chosen. A token is needed to go on.");
  show("crop", await ask("/crop", chosen()));
  say("This is what the system sees.");
}

function bytes(base64) {
  return new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], { type: "image/png" });
}

const actions = {
  async enroll(subject) {
    const { picture: pictures, cropped } = chosen();
    const { shown } = await ask("/enroll", { subject, pictures, cropped, show: true });
    template = bytes(shown[0].template);
    show("crop", bytes(shown[0].crop));
    show("template", template);
    $("stored").hidden = false;
    const { place, of } = shown[0];
    $("opinion").textContent = place
      ? `A judge that never saw this system was shown the crop and ${of} templates. By likeness it put this one on ` +
        `place ${place}; by chance that is ${(of + 1) / 2} on average.`
      : "";
    say(`${subject} is enrolled.`, "good");
  },
  async verify(subject) {
    const { matched } = await ask("/verify", { subject, ...chosen() });
    if (matched) say(`Welcome, ${subject}.`, "good");
    else say(`Rejected: the picture does not match ${subject}.`, "bad");
  },
  async revoke(subject) {
    const { templates } = await ask("/revoke", { subject });
    const revoked = `${templates} template${templates === 1 ? "" : "s"} of ${subject} revoked.`;
    if (!picture) return say(revoked, "good");
    const { matched } = await ask("/verify", { subject, ...chosen() });
    say(`${revoked} The same picture is now ${matched ? "still accepted" : "rejected"}.`, matched ? "bad" : "good");
  },
};

$("access").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, $("token").value.trim());
  $("token").value = "";
  say("The token is kept until this tab is closed.");
});

$("forget").addEventListener("click", () => {
  sessionStorage.removeItem(KEY);
  say("The token is forgotten.");
});

$("file").addEventListener("change", () => {
  const [file] = $("file").files;
  if (file) doing(() => look(file));
});

$("cropped").addEventListener("change", () => {
  if (picture) doing(() => look(picture));
});

$("camera").addEventListener("click", () =>
  doing(async () => {
    const video = $("video");
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
    } catch {
      throw new Error("The camera cannot be used. Pages may use it on https or on this machine, if you allow it.");
    }
    await video.play();
    video.hidden = $("take").hidden = false;
    $("take").focus();
    say("The camera is on.");
  }),
);

$("take").addEventListener("click", () =>
  doing(async () => {
    const video = $("video");
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext("2d").drawImage(video, 0, 0);
    for (const track of video.srcObject.getTracks()) track.stop();
    $("camera").focus();
    video.hidden = $("take").hidden = true;
    await look(await new Promise((done) => canvas.toBlob(done, "image/png")));
  }),
);

$("person").addEventListener("submit", (event) => {
  event.preventDefault();
  doing(() => actions[event.submitter?.value ?? "verify"]($("subject").value));
});

$("thief").addEventListener("click", () =>
  doing(async () => {
    const subject = $("subject").value;
    const { matched } = await ask("/verify", { subject, picture: template, cropped: true });
    say(`The template as a picture is ${matched ? "accepted" : "rejected"}.`, matched ? "bad" : "good");
  }),
);
