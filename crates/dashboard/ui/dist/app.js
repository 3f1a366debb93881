document.getElementById("app").textContent = "Escala";
