#include "monitor/reporter.hpp"

#include <algorithm>

#include "base/duration.hpp"
#include "runtime/run.hpp"
#include "runtime/sync.hpp"
#include "store/webrtc_history.hpp"

namespace telltale::monitor {
namespace {

constexpr std::size_t kConnectionsMax = 500;  // in one report

// Worst health first, the newest of equals.
bool comes_before(const ReportedConnection& a, const ReportedConnection& b) {
  const auto health = [](const ReportedConnection& one) {
    return base::find_number(one.summary, "mean_health").value_or(101);
  };
  const auto id = [](const ReportedConnection& one) {
    return base::string_or(one.summary, "connection_id");
  };
  return health(a) != health(b) ? health(a) < health(b) : id(a) > id(b);
}

// Neither open ones nor any that ended: nothing to tell.
bool is_empty(const ReportContent& content) {
  return content.connections.empty();
}

}  // namespace

Reporter::Reporter(Parts parts)
    : parts_(std::move(parts)), files_(parts_.folder), tasks_(parts_.loop, "webrtc reports") {}

void Reporter::start() {
  if (config().reporting.enabled) tasks_.spawn("webrtc.reports", report_at_intervals(this));
  if (config().visualization.enabled) tasks_.spawn("webrtc.dashboard", draw_at_intervals(this));
}

runtime::Task<> Reporter::stop() {
  return tasks_.stop();
}

report::Theme Reporter::theme() const {
  return config().visualization.plot_style == "dark_background" ? report::Theme::dark
                                                                : report::Theme::automatic;
}

runtime::TaskResult<ReportContent> Reporter::gather(Reporter* self, base::WallTime since,
                                                    std::size_t connections_max) {
  ReportContent out{.at = self->now(), .since = since, .figures = self->parts_.monitor.figures()};
  std::size_t seen = 0;
  for (const auto& record : self->parts_.engine.list()) {
    auto view = self->parts_.monitor.view(*record);
    if (!view || ++seen > connections_max) continue;
    out.connections.push_back({.state = std::string(rtc::state_name(record->state)),
                               .summary = std::move(view->summary),
                               .timeline = std::move(view->timeline),
                               .scores = view->scores});
  }
  auto ended = co_await store::list_webrtc(self->parts_.store, {.limit = connections_max});
  if (!ended) co_return std::unexpected(ended.error());
  for (auto& one : *ended) {
    if (one.closed < since || ++seen > connections_max) continue;
    auto whole = co_await store::get_webrtc(self->parts_.store, one.id);
    if (!whole) co_return std::unexpected(whole.error());
    auto timeline = *whole ? Timeline::unpack((*whole)->timeline) : std::nullopt;
    if (!timeline) continue;  // forgotten meanwhile
    out.connections.push_back(
        {.state = "closed", .summary = std::move(one.summary), .timeline = std::move(*timeline)});
  }
  out.left_out = seen > connections_max ? seen - connections_max : 0;
  std::ranges::sort(out.connections, comes_before);
  co_return out;
}

runtime::TaskResult<ReportContent> Reporter::content(Reporter* self, base::WallTime since) {
  return gather(self, since, kConnectionsMax);
}

runtime::TaskResult<Reporter::Made> Reporter::make(Reporter* self, std::vector<std::string> formats,
                                                   bool raw, base::WallTime since) {
  auto content = co_await gather(self, since, kConnectionsMax);
  if (!content) co_return std::unexpected(content.error());
  Made made{.id = ReportFiles::id_of(content->at),
            .files = {},
            .connections = content->connections.size()};
  for (const auto& format : formats)
    made.files.push_back("webrtc_report_" + made.id + "." + format);
  auto written = co_await self->parts_.blocking.run(
      [files = &self->files_, content = std::move(*content), formats = std::move(formats), raw,
       theme = self->theme(), id = made.id]() -> base::Result<bool> {
        for (const auto& format : formats) {
          const auto text = format == "json" ? base::write_json(report_json(content, raw)) + "\n"
                                             : report_page(content, {.theme = theme});
          if (auto done = files->write(id, format, text); !done)
            return std::unexpected(done.error());
        }
        return true;
      });
  if (!written) co_return std::unexpected(written.error());
  co_return made;
}

runtime::TaskResult<std::vector<ReportFile>> Reporter::list(Reporter* self) {
  co_return co_await self->parts_.blocking.run(
      [files = &self->files_]() -> base::Result<std::vector<ReportFile>> { return files->list(); });
}

runtime::TaskResult<std::string> Reporter::read(Reporter* self, std::string id,
                                                std::string format) {
  co_return co_await self->parts_.blocking.run(
      [files = &self->files_, id = std::move(id),
       format = std::move(format)]() -> base::Result<std::string> {
        return files->read(id, format);
      });
}

runtime::TaskResult<bool> Reporter::remove(Reporter* self, std::string id) {
  co_return co_await self->parts_.blocking.run(
      [files = &self->files_, id = std::move(id)]() -> base::Result<bool> {
        if (auto done = files->remove(id); !done) return std::unexpected(done.error());
        return true;
      });
}

void Reporter::complain(const base::Error& error) {
  if (std::exchange(complained_, error.detail) != error.detail) parts_.complain(error.detail);
}

runtime::Task<> Reporter::report_at_intervals(Reporter* self) {
  const auto& config = self->config().reporting;
  for (auto since = self->now();;) {
    co_await runtime::sleep_for(base::from_seconds(config.interval_s));
    const auto until = self->now();
    auto content = co_await gather(self, since, 1);
    if (content && is_empty(*content)) {
      since = until;
      continue;
    }
    auto made = co_await make(self, config.formats, config.save_raw_data, since);
    if (made) {
      since = until;
      self->complained_.clear();
    } else {
      self->complain(made.error());
    }
  }
}

runtime::Task<> Reporter::draw_at_intervals(Reporter* self) {
  const auto& config = self->config().visualization;
  const PageOptions options{
      .theme = self->theme(),
      .reload_s = config.live_update ? config.dashboard_update_interval_s : 0};
  bool drawn_empty = true;  // nothing to draw over
  for (;;) {
    co_await runtime::sleep_for(base::from_seconds(config.dashboard_update_interval_s));
    auto content = co_await gather(self, self->now(), kConnectionsMax);
    if (!content) {
      self->complain(content.error());
      continue;
    }
    if (std::exchange(drawn_empty, is_empty(*content)) && is_empty(*content)) continue;
    auto written = co_await self->parts_.blocking.run(
        [files = &self->files_, options, content = std::move(*content)]() -> base::Result<bool> {
          if (auto done = files->write_dashboard(report_page(content, options)); !done)
            return std::unexpected(done.error());
          return true;
        });
    if (!written) self->complain(written.error());
  }
}

}  // namespace telltale::monitor
