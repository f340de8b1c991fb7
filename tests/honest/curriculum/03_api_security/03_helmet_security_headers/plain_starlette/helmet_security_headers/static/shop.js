"use strict";

document.querySelector("#status").textContent = "Open today until 18:00.";
