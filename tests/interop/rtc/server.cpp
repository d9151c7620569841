// A server for interop tests: the rtc engine, files to play, and HTTP to reach it by.
//
//   rtc_server --media DIR [--bind ADDRESS] [--port PORT]
//
// DIR holds low.h264 medium.h264 high.h264 low.ivf medium.ivf high.ivf audio.ogg (media.mjs makes
// them). Prints {"http":…, "udp":…} when it listens; ends when stdin closes.
//   POST /whep[?quality=…]   an offer, answered with 201 and Location
//   POST /offer[?quality=…] answers with an offer; POST /c/ID/answer takes the answer to it
//   POST /whip/NAME          a publisher; POST /whep/NAME plays what NAME publishes
//   PATCH, DELETE /c/ID      trickle and restart, close
//   POST /c/ID/quality?q=…   GET /c/ID, GET /connections, GET /counters, GET /self_test
//   GET /page                an empty page for browsers
#include <cstdio>
#include <cstdlib>

#include <signal.h>
#include <unistd.h>

#include "net/http_server.hpp"
#include "rtc/engine.hpp"
#include "rtc/live_test_source.hpp"
#include "rtc/test_source.hpp"
#include "runtime/run.hpp"

namespace {

using namespace telltale;

class Silent final : public runtime::EventSink {
 public:
  void publish(runtime::Event event) override {
    if (event.type == "webrtc_connection")
      std::fprintf(stderr, "%s %s\n", event.subject.c_str(), base::write_json(event.data).c_str());
  }
};

struct Server {
  rtc::Engine* engine;
};

net::Response problem(const base::Error& error) {
  net::Response out{.status = base::http_status(error.code), .body = error.detail};
  out.headers.set("Access-Control-Allow-Origin", "*");
  return out;
}

net::Response json(const base::Json& value, int status = 200) {
  net::Response out{.status = status, .body = base::write_json(value)};
  out.headers.set("Content-Type", "application/json");
  out.headers.set("Access-Control-Allow-Origin", "*");
  return out;
}

enum class Way { watch, publish, ask };

runtime::Task<net::Response> offered(rtc::Engine* engine, net::Request request, Way way) {
  rtc::Offer offer{.sdp = request.body, .source = "test", .actor = "tester"};
  const auto slash = request.path.find('/', 1);
  if (slash != std::string::npos) offer.source = request.path.substr(slash + 1);
  if (const auto wanted = request.query_value("quality"))
    if (const auto quality = rtc::parse_quality(*wanted)) offer.quality = *quality;
  auto answer = way == Way::publish ? co_await engine->publish(std::move(offer))
                : way == Way::ask   ? co_await engine->offer(std::move(offer))
                                    : co_await engine->answer(std::move(offer));
  if (!answer) co_return problem(answer.error());
  net::Response out{.status = 201, .body = answer->sdp};
  out.headers.set("Content-Type", "application/sdp");
  out.headers.set("Location", "/c/" + answer->id);
  out.headers.set("ETag", "\"" + answer->etag + "\"");
  out.headers.set("Access-Control-Allow-Origin", "*");
  out.headers.set("Access-Control-Expose-Headers", "Location, ETag");
  co_return out;
}

runtime::Task<net::Response> on_connection(rtc::Engine* engine, net::Request request) {
  auto rest = request.path.substr(3);
  const auto slash = rest.find('/');
  const auto id = rest.substr(0, slash);
  if (request.method == "DELETE") {
    const auto closed = co_await engine->close(id);
    co_return net::Response{.status = closed && *closed ? 200 : 404};
  }
  if (request.method == "PATCH") {
    std::optional<std::string> match;
    if (const auto text = request.headers.get("If-Match")) {
      match = std::string(*text);
      std::erase(*match, '"');
    }
    const auto patched = co_await engine->patch(id, request.body, match);
    if (!patched) co_return problem(patched.error());
    net::Response out{.body = patched->fragment};
    switch (patched->outcome) {
      case rtc::PatchOutcome::trickled:
        out.status = 204;
        break;
      case rtc::PatchOutcome::restarted:
        out.status = 200;
        break;
      case rtc::PatchOutcome::etag_missing:
        out.status = 428;
        break;
      case rtc::PatchOutcome::etag_mismatch:
        out.status = 412;
        break;
    }
    out.headers.set("ETag", "\"" + patched->etag + "\"");
    co_return out;
  }
  if (request.method == "POST" && request.path.ends_with("/answer")) {
    const auto taken = co_await engine->accept(id, request.body);
    if (!taken) co_return problem(taken.error());
    co_return net::Response{.status = 204};
  }
  if (request.method == "POST") {
    const auto quality = rtc::parse_quality(request.query_value("q").value_or(""));
    if (!quality) co_return problem(quality.error());
    const auto set = co_await engine->set_quality(id, *quality);
    if (!set) co_return problem(set.error());
    co_return net::Response{.status = 204};
  }
  const auto record = engine->find(id);
  if (!record) co_return net::Response{.status = 404};
  co_return json(rtc::to_json(*record));
}

runtime::Task<net::Response> handle(rtc::Engine* engine, net::Request request) {
  const auto& path = request.path;
  if (path == "/page") {
    net::Response out{.body = "<!doctype html><title>rtc</title>"};
    out.headers.set("Content-Type", "text/html");
    co_return out;
  }
  if (path.starts_with("/whep")) co_return co_await offered(engine, std::move(request), Way::watch);
  if (path.starts_with("/whip"))
    co_return co_await offered(engine, std::move(request), Way::publish);
  if (path == "/offer") co_return co_await offered(engine, std::move(request), Way::ask);
  if (path.starts_with("/c/")) co_return co_await on_connection(engine, std::move(request));
  if (path == "/connections") {
    base::JsonArray all;
    for (const auto& record : engine->list(true)) all.emplace_back(rtc::to_json(*record));
    co_return json(all);
  }
  if (path == "/counters") {
    const auto counts = engine->counters();
    co_return json(base::JsonObject{{"connections", counts.connections},
                                    {"datagrams_sent", counts.datagrams_sent},
                                    {"datagrams_received", counts.datagrams_received},
                                    {"sends", counts.sends},
                                    {"send_refused", counts.send_refused},
                                    {"dropped_unknown", counts.dropped_unknown}});
  }
  co_return net::Response{.status = 404};
}

rtc::TestSource::Settings media_of(const std::string& folder) {
  rtc::TestSource::Settings out{.name = "test"};
  struct Rung {
    const char* name;
    int width;
    int height;
    std::int64_t bps;
  };
  for (const auto& rung : {Rung{.name = "low", .width = 320, .height = 180, .bps = 250'000},
                           Rung{.name = "medium", .width = 640, .height = 360, .bps = 700'000},
                           Rung{.name = "high", .width = 1280, .height = 720, .bps = 1'500'000}}) {
    const rtc::Rendition rendition{.name = rung.name,
                                   .width = rung.width,
                                   .height = rung.height,
                                   .frame_rate = 30,
                                   .bitrate_bps = rung.bps};
    auto h264 = rendition;
    h264.codecs = {rtc::Codec::h264};
    auto vp8 = rendition;
    vp8.codecs = {rtc::Codec::vp8};
    const auto file = folder + "/" + rung.name;
    out.video.push_back({.rendition = h264, .frames = rtc::read_h264(file + ".h264")});
    out.video.push_back({.rendition = vp8, .frames = rtc::read_ivf(file + ".ivf")});
  }
  out.audio = rtc::read_ogg_opus(folder + "/audio.ogg");
  return out;
}

runtime::TaskResult<bool> start(rtc::Engine* engine) {
  co_return co_await engine->start();
}
runtime::TaskResult<bool> stop(rtc::Engine* engine, net::HttpServer* http) {
  co_await http->stop(std::chrono::seconds(1));
  co_await engine->stop();
  co_return true;
}

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);  // as the product does
  std::string media;
  rtc::EngineSettings settings{
      .workers = 1, .bind = {"127.0.0.1"}, .poll_interval = std::chrono::milliseconds(200)};
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--media") media = argv[i + 1];
    if (name == "--bind") settings.bind = {argv[i + 1]};
    if (name == "--port") settings.port = static_cast<std::uint16_t>(std::atoi(argv[i + 1]));
    if (name == "--start") settings.start_bps = std::atoll(argv[i + 1]);
    if (name == "--gso") settings.gso = std::string_view(argv[i + 1]) == "1";
  }
  runtime::Runtime runtime(2);
  Silent events;
  auto& media_loop = runtime.loop(1);
  auto source = std::make_shared<rtc::TestSource>(media_loop, media_of(media));
  for (const auto& track : source->settings().video)
    if (track.frames.empty()) {
      std::fprintf(stderr, "no media in %s for %s\n", media.c_str(), track.rendition.name.c_str());
      return 2;
    }
  rtc::LiveTestCatalog catalog(source);
  auto engine = rtc::Engine::open(settings, runtime, &catalog, events);
  if (!engine) {
    std::fprintf(stderr, "%s\n", engine.error().detail.c_str());
    return 1;
  }
  auto http = net::HttpServer::open({.port = 0}, {&runtime.loop(0)},
                                    [engine = engine->get()](net::Request request) {
                                      return handle(engine, std::move(request));
                                    });
  if (!http) {
    std::fprintf(stderr, "%s\n", http.error().detail.c_str());
    return 1;
  }
  runtime.start();
  runtime::TaskGroup background(runtime.loop(0), "main");
  const auto started =
      runtime::run_to_completion(runtime.loop(0), background, "start", start(engine->get()));
  if (!started || !*started) {
    std::fprintf(stderr, "%s\n", started ? started->error().detail.c_str() : "not started");
    return 1;
  }
  media_loop.post([source] { source->start(); });
  (*http)->start();
  std::printf("{\"http\":%u,\"udp\":%u}\n", (*http)->port(), (*engine)->addresses()[0].port);
  std::fflush(stdout);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
  source->stop();
  (void)runtime::run_to_completion(runtime.loop(0), background, "stop",
                                   stop(engine->get(), http->get()));
  runtime.stop();
  return 0;
}
