// What media plays as rtc sees it, over real content: by its CID, by a file's name, as published.
#include "app/rtc_sources.hpp"

#include <cstdlib>
#include <fstream>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>

#include "content/importer.hpp"
#include "content/testing.hpp"
#include "runtime/run.hpp"

namespace telltale::app {
namespace {

using namespace std::chrono_literals;

class Ignoring final : public runtime::EventSink {
 public:
  void publish(runtime::Event) override {}
};

struct Seen {
  std::vector<rtc::MediaFramePtr> frames;
  std::optional<std::string> ended;
};

class Keeping final : public rtc::MediaSink {
 public:
  void on_frame(const rtc::MediaFramePtr& frame) override {
    seen.change([&](Seen& all) { all.frames.push_back(frame); });
  }
  void on_end(const std::string& reason) override {
    seen.change([&](Seen& all) { all.ended = reason; });
  }
  std::vector<rtc::MediaFramePtr> wait_for(std::size_t count) {
    return seen.wait_for(
        30s, [&](const Seen& all) { return all.frames.size() >= count || all.ended; },
        [](const Seen& all) { return all.frames; });
  }
  base::Monitor<Seen> seen;
};

class RtcSourcesTest : public testing::Test {
 protected:
  RtcSourcesTest() {
    std::string pattern = "/tmp/telltale-sources-XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    auto opened = content::Library::open({.disk = {.folder = folder + "/blocks"}}, runtime, events);
    EXPECT_TRUE(opened);
    library = std::move(*opened);
    EXPECT_EQ(std::system(("mkdir " + folder + "/films && ln -s /etc/passwd " + folder +
                           "/films/link && ffmpeg -v error -nostdin -f lavfi -i "
                           "testsrc2=s=320x180:r=30:d=3 -f lavfi -i sine=d=3 -c:v libx264 "
                           "-preset ultrafast -g 30 -pix_fmt yuv420p -c:a aac " +
                           folder + "/films/film.mp4")
                              .c_str()),
              0);
    sources = std::make_unique<RtcSources>(RtcSourcesSettings{.files_folder = folder + "/films"},
                                           runtime, *library);
    runtime.start();
  }
  ~RtcSourcesTest() override {
    on_loop(stop_all(this));
    sources.reset();
    runtime.stop();
    library.reset();
    EXPECT_EQ(std::system(("rm -rf " + folder).c_str()), 0);
  }
  static runtime::Task<bool> stop_all(RtcSourcesTest* test) {
    co_await test->sources->stop();
    co_await test->library->stop();
    co_return true;
  }
  static runtime::Task<bool> stop_one(RtcSources* one) {
    co_await one->stop();
    co_return true;
  }
  template <class T>
  T on_loop(runtime::Task<T> task) {
    runtime::TaskGroup unused(runtime.loop(0), "test");
    return *runtime::run_to_completion(runtime.loop(0), unused, "test", std::move(task));
  }
  base::Result<std::shared_ptr<rtc::Source>> open(const std::string& name, bool own = false,
                                                  rtc::Reading reading = {}) {
    return on_loop(sources->open(name, own, reading));
  }
  std::string add_to_content(const std::string& path) {
    content::Importer importer({}, [this](const content::Cid& cid, std::string_view block) {
      return library->disk().put(cid.hash, block);
    });
    std::ifstream in(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    EXPECT_TRUE(importer.feed(bytes));
    return content::to_text(importer.finish().value_or(content::Imported{}).root);
  }

  Ignoring events;
  runtime::Runtime runtime{2};
  std::string folder;
  std::unique_ptr<content::Library> library;
  std::unique_ptr<RtcSources> sources;
};

TEST_F(RtcSourcesTest, AFilmByItsCid) {
  const auto cid = add_to_content(folder + "/films/film.mp4");
  const auto film = open(cid);
  ASSERT_TRUE(film) << film.error().detail;
  const auto again = open(cid);
  EXPECT_EQ(*film, *again);
  EXPECT_NE(*film, *open(cid, true));
  const auto info = (*film)->info();
  EXPECT_EQ(info.name, cid);
  EXPECT_TRUE(info.audio);
  ASSERT_EQ(info.video.size(), 3U);
  EXPECT_NEAR(base::to_seconds(*info.duration), 3, 0.1);
  const auto one = std::make_shared<Keeping>();
  const auto two = std::make_shared<Keeping>();
  const auto sound = std::make_shared<Keeping>();
  const auto watch_one = (*film)->watch_video("source", rtc::Codec::h264, one);
  const auto watch_two = (*again)->watch_video("source", rtc::Codec::h264, two);
  const auto hear = (*film)->watch_audio(sound);
  ASSERT_TRUE(watch_one && watch_two && hear);
  const auto frames = one->wait_for(10);
  ASSERT_GE(frames.size(), 10U);
  EXPECT_TRUE(frames[0]->key);
  EXPECT_EQ(frames[0]->width, 320);
  EXPECT_EQ(two->wait_for(10)[0], frames[0]);  // made once for both
  EXPECT_EQ(sound->wait_for(3).at(0)->codec, rtc::Codec::opus);
  EXPECT_TRUE(on_loop((*film)->pause(true)));
  EXPECT_TRUE((*film)->state().paused);
  EXPECT_TRUE(on_loop((*film)->seek(1s)));
  EXPECT_EQ(on_loop((*film)->seek(1h)).error().code, base::Code::invalid_argument);
  EXPECT_EQ(sources->report().size(), 1U);
}

// A film of a minute whose blocks are at a gateway only, and a library that asks it.
class FetchedFilm : public RtcSourcesTest {
 protected:
  static constexpr std::size_t kChunk = 4096;
  FetchedFilm() {
    EXPECT_EQ(std::system(("ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=320x180:r=30:d=60 "
                           "-c:v libx264 -preset ultrafast -g 30 -b:v 400k -pix_fmt yuv420p "
                           "-movflags faststart " +
                           folder + "/films/minute.mp4")
                              .c_str()),
              0);
    gateway = std::make_unique<content::testing_support::GatewayServer>(runtime);
    std::ifstream in(folder + "/films/minute.mp4", std::ios::binary);
    bytes = {std::istreambuf_iterator<char>(in), {}};
    cid = gateway->add(bytes, {.chunk_size = kChunk, .links_per_node = 2000});
    auto opened = content::Library::open(
        {.disk = {.folder = folder + "/fetched"}, .fetch = {.gateways = {gateway->url()}}}, runtime,
        events);
    EXPECT_TRUE(opened);
    fetched = std::move(*opened);
    from_afar = std::make_unique<RtcSources>(RtcSourcesSettings{}, runtime, *fetched);
  }
  ~FetchedFilm() override {
    on_loop(stop_far(this));
    from_afar.reset();
    gateway.reset();
  }
  static runtime::Task<bool> stop_far(FetchedFilm* test) {
    co_await test->from_afar->stop();
    co_await test->fetched->stop();
    co_return true;
  }
  base::Result<std::shared_ptr<rtc::Source>> play(rtc::Reading reading, bool own = true) {
    return on_loop(from_afar->open(content::to_text(cid), own, reading));
  }
  // Plays a little, so that the play head has moved, and waits until nothing more is asked.
  int questions_after_a_second(rtc::Reading reading) {
    const auto film = play(reading);
    EXPECT_TRUE(film);
    const auto sink = std::make_shared<Keeping>();
    const auto watch = (*film)->watch_video("source", rtc::Codec::h264, sink);
    EXPECT_GE(sink->wait_for(30).size(), 30U);
    EXPECT_TRUE(on_loop((*film)->pause(true)));
    return gateway->asked().all;
  }
  int all_blocks() const { return static_cast<int>(gateway->blocks()); }

  std::unique_ptr<content::testing_support::GatewayServer> gateway;
  std::string bytes;
  content::Cid cid;
  std::unique_ptr<content::Library> fetched;
  std::unique_ptr<RtcSources> from_afar;
};

TEST_F(FetchedFilm, NotMuchMoreThanTheBufferIsFetched) {
  const int asked = questions_after_a_second({.ahead = 5s, .threshold = 0.5});
  // A minute is all of it; to begin with, as long as its rate is not known, a MiB is asked for.
  const int first = static_cast<int>(ContentBytes::kFirstAheadBytes / kChunk);
  EXPECT_LT(asked, first + all_blocks() * 15 / 60);
  EXPECT_GT(all_blocks(), first + all_blocks() * 20 / 60) << "the film is long enough to tell";
  EXPECT_GT(from_afar->prefetches().succeeded, 10U);
  EXPECT_EQ(from_afar->prefetches().failed, 0U);
  const auto counts = from_afar->prefetches().latency_ms.counts;
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}),
            from_afar->prefetches().succeeded);
}

TEST_F(FetchedFilm, WithAMinutesBufferAllOfItIsFetchedWhileItBegins) {
  const auto film = play({.ahead = 60s});
  ASSERT_TRUE(film);
  const auto sink = std::make_shared<Keeping>();
  const auto watch = (*film)->watch_video("source", rtc::Codec::h264, sink);
  EXPECT_TRUE(gateway->wait_for_questions(all_blocks()));
  for (const auto& [block, times] : gateway->asked().times) EXPECT_EQ(times, 1) << block;
}

TEST_F(FetchedFilm, WithoutProgressiveLoadingAllIsHereBeforeItBegins) {
  const auto film = play({.ahead = 1s, .progressive = false});
  ASSERT_TRUE(film) << film.error().detail;
  EXPECT_EQ(gateway->asked().all, all_blocks());
  EXPECT_EQ(from_afar->prefetches().succeeded, 0U) << "it was fetched, not fetched ahead";
  const auto again = play({.progressive = false});
  ASSERT_TRUE(again);
  EXPECT_EQ(gateway->asked().all, all_blocks()) << "it is here";
}

TEST_F(FetchedFilm, WithoutProgressiveLoadingWhatIsMissingIsToldAtOnce) {
  content::Importer last({.chunk_size = kChunk, .links_per_node = 2000},
                         [&](const content::Cid& one, std::string_view) {
                           if (one.hash != cid.hash)
                             gateway->forget(one);  // in the end all but the root
                           return base::Result<void>();
                         });
  ASSERT_TRUE(last.feed(std::string_view(bytes).substr(bytes.size() / kChunk * kChunk)));
  ASSERT_TRUE(last.finish());
  const auto film = play({.progressive = false});
  ASSERT_FALSE(film);
  EXPECT_EQ(film.error().code, base::Code::not_found) << film.error().detail;
  EXPECT_TRUE(play({.ahead = 1s})) << "its beginning is there";
}

// Plays while its gateway fails, until the reading was lost; then until it is well, or given up.
class InterruptedFilm : public FetchedFilm {
 protected:
  struct Played {
    std::string steps;
    std::optional<std::string> ended;
    std::size_t frames = 0;
  };
  Played play_through(RetryPlan retry, bool recovers) {
    RtcSources far({.retry = retry}, runtime, *fetched);
    Played out;
    {
      const auto film =
          on_loop(far.open(content::to_text(cid), true, {.ahead = 1s, .threshold = 0.1}));
      EXPECT_TRUE(film);
      const auto sink = std::make_shared<Keeping>();
      const auto watch = (*film)->watch_video("source", rtc::Codec::h264, sink);
      sink->wait_for(5);
      gateway->be(content::testing_support::GatewayServer::Mood::failing);
      // It gets to where nothing is fetched: in the player's time, not ours.
      EXPECT_TRUE(on_loop((*film)->seek(40s)));
      const auto notes = (*film)->notes();
      const auto asked = gateway->asked().all;
      EXPECT_TRUE(gateway->wait_for_questions(asked + 2));
      // A question that was refused is not yet one that the reader knows of.
      while (notes->after(0).empty()) std::this_thread::yield();
      if (recovers) gateway->be(content::testing_support::GatewayServer::Mood::honest);
      const auto before = sink->seen.look([](const Seen& all) { return all.frames.size(); });
      sink->wait_for(before + 30);
      out.ended = sink->seen.look([](const Seen& all) { return all.ended; });
      out.frames = sink->seen.look([](const Seen& all) { return all.frames.size(); }) - before;
      for (const auto& note : notes->after(0))
        out.steps += std::to_string(static_cast<int>(note.step)) + " ";
    }
    on_loop(stop_one(&far));
    return out;
  }
};

TEST_F(InterruptedFilm, GoesOnWhereItWasWhenTheGatewayAnswersAgain) {
  const auto played = play_through({.first = 50ms, .longest = 200ms, .all = 60s}, true);
  EXPECT_FALSE(played.ended) << *played.ended;
  EXPECT_GE(played.frames, 30U);
  EXPECT_TRUE(played.steps.starts_with("0 ")) << played.steps;
  EXPECT_TRUE(played.steps.ends_with("2 ")) << "back: " << played.steps;
}

TEST_F(InterruptedFilm, EndsWithTheReasonWhenItIsGivenUp) {
  // Long enough for a slow machine to be refused at least once before the time is up.
  const auto played = play_through({.first = 20ms, .longest = 200ms, .all = 4s}, false);
  ASSERT_TRUE(played.ended);
  EXPECT_NE(played.ended->find("could not be fetched"), std::string::npos) << *played.ended;
  EXPECT_TRUE(played.steps.starts_with("0 1 ")) << played.steps;
  EXPECT_TRUE(played.steps.ends_with("3 ")) << "given up: " << played.steps;
}

TEST_F(RtcSourcesTest, WhoSharesAPlayingSharesItsReading) {
  ReadPlan plan({.ahead = 5s, .threshold = 0.5});
  plan.raise({.ahead = 2s, .threshold = 0.9});
  EXPECT_EQ(plan.values().ahead, 5s);
  EXPECT_EQ(plan.values().threshold, 0.9);
}

TEST_F(RtcSourcesTest, WhatIsNoFilm) {
  const auto words = folder + "/words";
  std::ofstream(words) << "only words";
  EXPECT_EQ(open(add_to_content(words)).error().code, base::Code::invalid_argument);
  // Nobody has it, and no gateway is asked.
  const auto missing = open("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG");
  ASSERT_FALSE(missing);
  EXPECT_EQ(open("no such thing").error().code, base::Code::not_found);
}

TEST_F(RtcSourcesTest, FilesOfOneFolderOnly) {
  const auto film = open("file:film.mp4");
  ASSERT_TRUE(film) << film.error().detail;
  const auto sink = std::make_shared<Keeping>();
  const auto watch = (*film)->watch_video("low", rtc::Codec::vp8, sink);
  EXPECT_GE(sink->wait_for(3).size(), 3U);
  for (const auto* const name : {"file:link", "file:../blocks", "file:/etc/passwd", "file:gone",
                                 "file:../films/../../../etc/passwd", "file:"})
    EXPECT_FALSE(open(name)) << name;
  EXPECT_EQ(open("file:link").error().code, base::Code::not_found);
}

TEST_F(RtcSourcesTest, WhatIsPublished) {
  auto publication = sources->publish("stage", rtc::Codec::h264, true, nullptr);
  ASSERT_TRUE(publication);
  EXPECT_FALSE(sources->publish("stage", rtc::Codec::h264, true, nullptr));
  const auto stage = open("stage");
  ASSERT_TRUE(stage);
  EXPECT_TRUE((*stage)->info().live);
  EXPECT_EQ(on_loop((*stage)->pause(true)).error().code, base::Code::conflict);
  const auto sink = std::make_shared<Keeping>();
  const auto watch = (*stage)->watch_video("source", rtc::Codec::h264, sink);
  auto frame = std::make_shared<rtc::MediaFrame>();
  frame->bytes = {0, 0, 0, 1, 0x65, 1};
  frame->key = true;
  frame->timestamp = 77;
  (*publication)->on_frame(frame);
  const auto got = sink->wait_for(1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0]->bytes, frame->bytes);
  EXPECT_EQ(got[0]->timestamp, 77U);
  (*publication)->end();
  EXPECT_EQ(sink->seen.look([](const Seen& all) { return all.ended; }), "");
}

std::string steps_of(const rtc::Source& source) {
  std::string out;
  for (const auto& note : source.notes()->after(0))
    out += std::to_string(static_cast<int>(note.step)) + std::to_string(note.attempt) + " ";
  return out;
}

TEST_F(RtcSourcesTest, APublisherThatWasLostMayComeBack) {
  const auto key = [] {
    auto frame = std::make_shared<rtc::MediaFrame>();
    frame->bytes = {0, 0, 0, 1, 0x65, 1};
    frame->key = true;
    return frame;
  };
  auto publication = sources->publish("stage", rtc::Codec::h264, true, nullptr);
  const auto stage = open("stage");
  ASSERT_TRUE(publication && stage);
  const auto sink = std::make_shared<Keeping>();
  const auto watch = (*stage)->watch_video("source", rtc::Codec::h264, sink);
  EXPECT_TRUE((*publication)->on_frame(key()));
  (*publication)->lost("consent");
  publication->reset();
  auto again = sources->publish("stage", rtc::Codec::h264, true, nullptr);
  ASSERT_TRUE(again);
  EXPECT_EQ(*open("stage"), *stage);
  EXPECT_TRUE((*again)->on_frame(key()));
  EXPECT_EQ(sink->wait_for(2).size(), 2U);
  EXPECT_FALSE(sink->seen.look([](const Seen& all) { return all.ended; }));
  EXPECT_EQ(steps_of(**stage), "00 20 ") << "lost, back";
}

TEST_F(RtcSourcesTest, APublisherThatStaysAwayEndsIt) {
  RtcSources brief({.publisher_wait = 10ms}, runtime, *library);
  auto publication = brief.publish("stage", rtc::Codec::h264, true, nullptr);
  const auto stage = on_loop(brief.open("stage", false, {}));
  ASSERT_TRUE(publication && stage);
  const auto sink = std::make_shared<Keeping>();
  const auto watch = (*stage)->watch_video("source", rtc::Codec::h264, sink);
  (*publication)->lost("consent");
  sink->wait_for(1);  // or the end
  EXPECT_TRUE(sink->seen.look([](const Seen& all) { return all.ended; })
                  .value_or("")
                  .starts_with("the publisher did not come back"));
  EXPECT_EQ(steps_of(**stage), "00 30 ") << "lost, gone";
  on_loop(stop_one(&brief));
}

}  // namespace
}  // namespace telltale::app
