// What media plays as rtc sees it, over real content: by its CID, by a file's name, as published.
#include "app/rtc_sources.hpp"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "content/importer.hpp"
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
  template <class T>
  T on_loop(runtime::Task<T> task) {
    runtime::TaskGroup unused(runtime.loop(0), "test");
    return *runtime::run_to_completion(runtime.loop(0), unused, "test", std::move(task));
  }
  base::Result<std::shared_ptr<rtc::Source>> open(const std::string& name, bool own = false) {
    return on_loop(sources->open(name, own));
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
  (*publication)->end("over");
  EXPECT_EQ(sink->seen.look([](const Seen& all) { return all.ended; }), "over");
}

}  // namespace
}  // namespace telltale::app
