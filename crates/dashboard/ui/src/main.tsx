// The dashboard's shell: what is round every page.

import { render } from "preact";
import { useEffect, useErrorBoundary, useRef, useState } from "preact/hooks";
import type { Health } from "./api";
import { useResource } from "./client";
import { rate } from "./format";
import { HELP, useKeyboard } from "./keys";
import { type LiveState, useConnection } from "./live";
import { EndpointPage } from "./pages/endpoint";
import { FindingPage } from "./pages/finding";
import { FindingsPage } from "./pages/findings";
import { OverviewPage } from "./pages/overview";
import { RequestPage } from "./pages/request";
import { RunsPage } from "./pages/runs";
import { WorkPage } from "./pages/work";
import { Command, Empty, Failed, Ladder, Loading } from "./parts/bits";
import { href, useRoute } from "./router";
import { type Site, SiteContext, useMakeSite } from "./site";
import * as theme from "./theme";

const TABS: { label: string; path: string[]; holds: string[] }[] = [
  { label: "Overview", path: [], holds: ["", "endpoint", "request"] },
  { label: "Findings", path: ["findings"], holds: ["findings", "finding"] },
  { label: "Tests & tasks", path: ["tests"], holds: ["tests"] },
  { label: "Runs", path: ["runs"], holds: ["runs"] },
];

function App() {
  const route = useRoute();
  const live = useConnection();
  const { data: health, failure } = useResource<Health>("/api/health", live.tick);
  const site = useMakeSite(health, failure, route, live);
  const help = useRef<HTMLDialogElement>(null);
  useKeyboard(() => (help.current?.open ? help.current.close() : help.current?.showModal()));
  const place = route.path.join("/");
  useEffect(() => {
    scrollTo(0, 0);
    document.title = title(route.path, health);
  }, [place, health?.project]);
  return (
    <SiteContext.Provider value={site}>
      <Top site={site} onHelp={() => help.current?.showModal()} />
      <main id="main">
        <Notices site={site} />
        <Contained key={place} site={site} />
      </main>
      <Help dialog={help} />
    </SiteContext.Provider>
  );
}

/** What a tab or a bookmark is called. */
function title([page, ...rest]: string[], health: Health | undefined): string {
  const what = page === "endpoint" ? `${rest[1]} ${rest[2]}` : [page, ...rest].join(" ");
  return [what.trim(), health?.project, "Escala"].filter(Boolean).join(" · ");
}

function Top({ site, onHelp }: { site: Site; onHelp: () => void }) {
  const at = site.route.path[0] ?? "";
  return (
    <header class="bar-top">
      <a class="brand" href={href([])} aria-label="Escala: overview">
        <Ladder /> Escala
      </a>
      <nav aria-label="pages">
        {TABS.map(({ label, path, holds }) => (
          <a href={href(path)} key={label} aria-current={holds.includes(at) ? "page" : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <div class="right">
        <LiveMark live={site.live} site={site} />
        <ThemeButton />
        <button type="button" class="icon" onClick={onHelp} aria-label="keyboard shortcuts" title="Keyboard shortcuts (?)">
          ?
        </button>
      </div>
    </header>
  );
}

function LiveMark({ live, site }: { live: LiveState; site: Site }) {
  const project = site.health?.project;
  if (live.connection === "gone") {
    return (
      <span class="live gone" role="status">
        <span class="dot" /> recorder gone
      </span>
    );
  }
  const recording = live.latest?.recording ?? false;
  return (
    <span class={recording ? "live" : "live off"} role="status" title={project}>
      <span class="dot" />
      {recording ? `${rate(live.rates[live.rates.length - 1] ?? 0)} req/s` : live.connection === "open" ? "not recording" : "…"}
    </span>
  );
}

const NEXT: Record<theme.Choice, theme.Choice> = { auto: "light", light: "dark", dark: "auto" };
const SIGN: Record<theme.Choice, string> = { auto: "◐", light: "☀", dark: "☾" };

function ThemeButton() {
  const [choice, set] = useState(theme.stored);
  const turn = (): void => {
    theme.choose(NEXT[choice]);
    set(NEXT[choice]);
  };
  const title = choice === "auto" ? "Theme: as the system" : `Theme: ${choice}`;
  return (
    <button type="button" class="icon" onClick={turn} aria-label={title} title={title}>
      {SIGN[choice]}
    </button>
  );
}

function Notices({ site }: { site: Site }) {
  const { health, live, run } = site;
  const shown = health?.run;
  return (
    <>
      {live.connection === "gone" && health && (
        <div class="banner gone" role="alert">
          The recorder is gone, and this page shows what it last said. To look at what is stored: <code>escala dashboard</code>
        </div>
      )}
      {run !== null && shown && String(shown.run) !== run && (
        <div class="banner">
          You are looking at run {run}, not the latest. <a href={href([], { run: null, from: null, to: null })}>Show the latest</a>
        </div>
      )}
    </>
  );
}

/** A page, or what went wrong in it: the rest goes on. */
function Contained({ site }: { site: Site }) {
  const [error] = useErrorBoundary((thrown) => console.error(thrown));
  if (error) return <Failed failure={{ kind: "failed", message: `This page could not be drawn: ${String(error)}` }} />;
  return <Page site={site} />;
}

function Page({ site }: { site: Site }) {
  const { path } = site.route;
  const [page, ...rest] = path;
  if (!site.health) return site.failure ? <Failed failure={site.failure} /> : <Loading />;
  if (!site.health.run && page !== "runs") return <NothingYet site={site} />;
  const [first = "", second = "", third = ""] = rest;
  switch (page) {
    case undefined:
      return <OverviewPage />;
    case "endpoint":
      return <EndpointPage kind={first} method={second === "-" ? "" : second} route={third === "-" ? "" : third} />;
    case "request":
      return <RequestPage ordinal={first} />;
    case "findings":
      return <FindingsPage />;
    case "finding":
      return <FindingPage id={first} />;
    case "tests":
      return <WorkPage />;
    case "runs":
      return <RunsPage />;
    default:
      return (
        <Empty title="There is no such page">
          <a href={href([])}>To the overview</a>
        </Empty>
      );
  }
}

function NothingYet({ site }: { site: Site }) {
  if (site.recording) {
    return (
      <Empty title="Waiting for the first request">
        <p>The agent is in place. Open a page of your site: it shows up here at once.</p>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing is recorded yet">
      <p>Start your site under Escala, and visit it:</p>
      <Command text="escala run -- python manage.py runserver" />
    </Empty>
  );
}

function Help({ dialog }: { dialog: { current: HTMLDialogElement | null } }) {
  return (
    <dialog class="help" ref={dialog} aria-labelledby="help-title">
      <h2 id="help-title">Keyboard</h2>
      <dl>
        {HELP.map(([keys, does]) => (
          <>
            <dt>
              {keys.map((key) => (
                <>
                  <kbd>{key}</kbd>{" "}
                </>
              ))}
            </dt>
            <dd>{does}</dd>
          </>
        ))}
      </dl>
    </dialog>
  );
}

theme.start();
const root = document.getElementById("app");
if (root) render(<App />, root);
