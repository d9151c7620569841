// What people will give us that is no film, or a bad one: each refused with the reason in words, or
// played as far as it goes; and damage at seeded places of small films, which must neither crash
// nor hang.
#include <future>

#include "base/random.hpp"
#include "media/catalog.hpp"
#include "media/test_films.hpp"

namespace telltale::media {
namespace {

using namespace std::chrono_literals;
using testing_support::Driven;
using testing_support::Films;
using testing_support::MemorySource;
using testing_support::open_bytes;
using testing_support::open_film;

const std::string kSmall = "-c:v libx264 -preset ultrafast -g 10 -pix_fmt yuv420p -b:v 300k ";

class BadInputTest : public testing::Test {
 protected:
  base::Error refusal(const std::string& path) {
    const auto input = open_film(path);
    EXPECT_FALSE(input) << "it was opened";
    return input ? base::Error{} : input.error();
  }
  base::Error refusal_of_bytes(const std::string& bytes) {
    return refusal(films.write("bytes", bytes));
  }
  static std::string noise(std::size_t size, std::uint64_t seed) {
    base::Random random(seed);
    std::string out(size, '\0');
    for (auto& byte : out) byte = static_cast<char>(random.below(256));
    return out;
  }
  Films films;
  base::VirtualClock clock;
};

#define EXPECT_REFUSED(error, wanted, words)                                       \
  do {                                                                             \
    const base::Error seen = (error);                                              \
    EXPECT_EQ(base::code_name(seen.code), base::code_name(wanted)) << seen.detail; \
    EXPECT_NE(seen.detail.find(words), std::string::npos) << seen.detail;          \
  } while (false)

TEST_F(BadInputTest, NoMedia) {
  constexpr auto kInvalid = base::Code::invalid_argument;
  EXPECT_REFUSED(refusal_of_bytes(""), kInvalid, "empty");
  EXPECT_REFUSED(refusal_of_bytes("x"), kInvalid, "it is not MP4");
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "It was a dark and stormy night; no film was shown.\n";
  EXPECT_REFUSED(refusal_of_bytes(text), kInvalid, "it is not MP4");
  EXPECT_REFUSED(refusal_of_bytes(noise(100'000, 1)), kInvalid, "it is not MP4");
  EXPECT_REFUSED(refusal_of_bytes(std::string(1 << 20, '\0')), kInvalid, "it is not MP4");
  EXPECT_REFUSED(refusal("/tmp"), kInvalid, "not a regular file");
  EXPECT_REFUSED(refusal("/nowhere/at/all"), base::Code::not_found, "No such file");
  for (const auto* const name : {"i.png", "i.jpg", "i.gif", "i.bmp"})
    EXPECT_REFUSED(
        refusal(films.run(name, "-f lavfi -i testsrc2=s=320x180 -frames:v 1 -pix_fmt rgb8")),
        kInvalid, "it is not MP4");
}

// Lists of other files and addresses, which FFmpeg would open: nothing but the bytes is read.
TEST_F(BadInputTest, NothingElseIsOpened) {
  const auto secret = films.make("secret.ts", kSmall + "-an", 30);
  constexpr auto kInvalid = base::Code::invalid_argument;
  EXPECT_REFUSED(refusal_of_bytes("ffconcat version 1.0\nfile '" + secret + "'\n"), kInvalid,
                 "it is not MP4");
  EXPECT_REFUSED(refusal_of_bytes("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + secret +
                                  "\n#EXT-X-ENDLIST\n"),
                 kInvalid, "it is not MP4");
  EXPECT_REFUSED(refusal_of_bytes("v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\n"
                                  "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"),
                 kInvalid, "it is not MP4");
}

TEST_F(BadInputTest, DamagedFilms) {
  const auto whole = Films::read(films.make("w.mp4", kSmall + "-c:a aac", 60));
  // Its index is at its end.
  EXPECT_REFUSED(refusal_of_bytes(whole.substr(0, whole.size() / 2)), base::Code::invalid_argument,
                 "it is not MP4");
  const auto front = Films::read(
      films.run("f.mp4", "-i '" + films.path("w.mp4") + "' -c copy -movflags +faststart"));
  auto input = open_film(films.write("half.mp4", front.substr(0, front.size() * 2 / 3)));
  ASSERT_TRUE(input) << input.error().detail;
  Driven driven(std::move(*input));
  driven.player.loop(false);
  const auto sink = driven.watch("medium");
  driven.run(4s);
  EXPECT_EQ(sink->ended(), "");  // as far as it goes
  EXPECT_GT(sink->count(), 20U);
  EXPECT_LT(sink->count(), 60U);
}

TEST_F(BadInputTest, AFilmOfWhichNothingDecodesEnds) {
  auto film = Films::read(films.make("n.mp4", kSmall + "-an -movflags +faststart", 60));
  const auto from = film.find("mdat") + 4 + 6000;  // what is looked at when it is opened stays
  ASSERT_LT(from, film.size());
  film.replace(from, film.size() - from, noise(film.size() - from, 3));
  auto input = open_film(films.write("n2.mp4", film));
  ASSERT_TRUE(input) << input.error().detail;
  Driven driven(std::move(*input));
  ASSERT_TRUE(driven.player.seek(1s));
  driven.player.loop(false);
  const auto sink = driven.watch("medium");
  driven.run(20s);
  EXPECT_TRUE(sink->ended());
  EXPECT_GT(driven.player.statistics().decode_errors, 10U);
}

TEST_F(BadInputTest, WhatWeDoNotPlay) {
  constexpr auto kUnsupported = base::Code::unsupported;
  EXPECT_REFUSED(refusal(films.make("u.mkv", "-c:v ffv1 -an", 10)), kUnsupported, "FFmpeg video");
  EXPECT_REFUSED(refusal(films.make_sound("u2.mkv", "-c:a wavpack")), kUnsupported, "WavPack");
  EXPECT_REFUSED(
      refusal(films.make("e.mp4",
                         kSmall + "-c:a aac -encryption_scheme cenc-aes-ctr -encryption_key "
                                  "76a6c65c5ea762046bd749a2e632ccbb -encryption_kid "
                                  "a7e61c373e219033c21091fa607bf3b8",
                         30)),
      kUnsupported, "encrypted");
  EXPECT_REFUSED(refusal(films.run("huge.avi",
                                   "-f lavfi -i color=s=8200x4400 -frames:v 1 -c:v mjpeg "
                                   "-pix_fmt yuvj420p")),
                 base::Code::too_large, "8200 by 4400");
  EXPECT_REFUSED(refusal(films.run("tiny.avi",
                                   "-f lavfi -i color=s=8x8 -frames:v 3 -c:v mjpeg "
                                   "-pix_fmt yuvj420p")),
                 base::Code::invalid_argument, "16 pixels");
  films.run("cover.png", "-f lavfi -i testsrc2=s=64x64 -frames:v 1");
  const auto song = open_film(films.make_sound(
      "song.mp3", "-i '" + films.path("cover.png") +
                      "' -map 0 -map 1 -c:a libmp3lame -c:v copy -disposition:v attached_pic"));
  ASSERT_TRUE(song);  // its cover is no video
  EXPECT_FALSE((*song)->info().picture);
  EXPECT_TRUE((*song)->info().audio);
}

TEST_F(BadInputTest, NoSizeAndNoEnd) {
  const auto bytes = Films::read(films.make("e.ts", kSmall + "-c:a aac", 60));
  auto input = open_bytes(std::make_shared<MemorySource>(bytes, false), clock);
  ASSERT_TRUE(input) << input.error().detail;
  Driven driven(std::move(*input));
  EXPECT_FALSE(driven.player.info().seekable);
  EXPECT_EQ(driven.player.seek(0s).error().code, base::Code::conflict);
  const auto sink = driven.watch("medium");
  driven.run(4s);
  EXPECT_EQ(sink->ended(), "");  // it cannot be played again
  EXPECT_GT(sink->count(), 50U);
}

// A header that never ends: its bytes are made as they are asked for.
class EndlessHeader final : public testing_support::MemorySource {
 public:
  using MemorySource::MemorySource;
  base::Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    bytes_read += out.size();
    auto got = MemorySource::read(offset, out);
    if (*got > 0) return got;
    std::ranges::fill(out, std::uint8_t{0x55});
    return out.size();
  }
  std::uint64_t bytes_read = 0;
};

TEST_F(BadInputTest, HeadersThatNeverEnd) {
  // An EBML void element of 2^40 bytes; a movie box as long; an MPEG-TS of one empty programme.
  const std::string ebml("\x1A\x45\xDF\xA3\x84\x42\x82\x81\x77\xEC\x01\0\x01\0\0\0\0\0", 18);
  const std::string mp4(
      "\0\0\0\x10"
      "ftypisom\0\0\0\0"
      "\0\0\0\x01"
      "moov\0\0\x01\0\0\0\0\0",
      32);
  for (const auto& bytes : {ebml, mp4, std::string("ID3\x04\0\0\x7F\x7F\x7F\x7F", 10)}) {
    const auto source = std::make_shared<EndlessHeader>(bytes, false);
    const auto input = open_bytes(source, clock);
    ASSERT_FALSE(input);
    EXPECT_LT(source->bytes_read, Demuxer::kOpeningBytesMax + (32U << 20U));
    EXPECT_FALSE(input.error().detail.empty());
  }
}

// Bytes that do not come: a read that blocks until it is cancelled.
class StuckSource final : public ByteSource {
 public:
  base::Result<std::optional<std::uint64_t>> size() override {
    return std::optional<std::uint64_t>(1'000'000);
  }
  base::Result<std::size_t> read(std::uint64_t, std::span<std::uint8_t>) override {
    reading.change([](bool& value) { value = true; });
    cancelled.wait([](const bool& value) { return value; }, [](const bool&) {});
    return base::fail(base::Code::cancelled, "cancelled");
  }
  void cancel() override {
    cancelled.change([](bool& value) { value = true; });
  }
  base::Monitor<bool> reading;
  base::Monitor<bool> cancelled;
};

TEST_F(BadInputTest, StoppingEndsAReadThatBlocks) {
  const base::SystemClock real;
  StuckSource* stuck = nullptr;
  Catalog catalog({}, real, [&](const std::string&) {
    auto source = std::make_unique<StuckSource>();
    stuck = source.get();
    return source;
  });
  std::promise<base::Result<std::shared_ptr<Playing>>> told;
  catalog.open("cid", false, [&](auto result) { told.set_value(std::move(result)); });
  stuck->reading.wait([](const bool& value) { return value; }, [](const bool&) {});
  const auto began = real.now();
  catalog.stop();
  const auto result = told.get_future().get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::Code::cancelled);
  EXPECT_LT(real.now() - began, 5s);
}

class FailingSource final : public testing_support::MemorySource {
 public:
  using MemorySource::MemorySource;
  base::Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (failing) return base::fail(base::Code::unavailable, "the gateway does not answer");
    return MemorySource::read(offset, out);
  }
  bool failing = false;
};

TEST_F(BadInputTest, BytesThatStopComing) {
  const auto bytes = Films::read(films.make("s.ts", kSmall + "-b:v 4M -an", 300, false));
  const auto source = std::make_shared<FailingSource>(bytes);
  auto input = open_bytes(source, clock);
  ASSERT_TRUE(input) << input.error().detail;
  Driven driven(std::move(*input));
  const auto sink = driven.watch("medium");
  driven.run(500ms);
  EXPECT_FALSE(sink->ended());
  source->failing = true;
  driven.run(20s);
  EXPECT_EQ(sink->ended(), "the gateway does not answer");
  const auto refused = open_bytes(source, clock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "the gateway does not answer");
}

// Damage at seeded places. It must end: opened or refused, played to an end.
TEST_F(BadInputTest, DamageNeitherCrashesNorHangs) {
  const std::vector<std::string> good = {
      Films::read(films.make("a.mp4", kSmall + "-c:a aac -movflags +faststart", 20)),
      Films::read(films.make("b.mp4", kSmall + "-bf 0 -c:a aac", 20)),
      Films::read(
          films.make("c.webm", "-c:v libvpx -deadline realtime -b:v 300k -c:a libopus", 20)),
      Films::read(films.make("d.ts", kSmall + "-c:a mp2", 20)),
      Films::read(films.make_sound("e.mp3", "-t 1 -c:a libmp3lame")),
  };
  constexpr std::uint64_t kSeeds = 30;
  std::size_t opened = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    base::Random random(seed);
    auto film = good[seed % good.size()];
    if (random.chance(0.3)) film.resize(random.below(film.size()));
    const auto flips = 1 + random.below(30);
    // Half of the damage to where the headers are.
    const auto reach = random.chance(0.5) ? std::min<std::size_t>(film.size(), 3000) : film.size();
    for (std::uint64_t i = 0; i < flips && reach > 0; ++i) {
      const auto bit = 1U << random.below(8);
      auto& byte = film[random.below(reach)];
      byte = static_cast<char>(static_cast<unsigned char>(byte) ^ bit);
    }
    auto input = open_bytes(std::make_shared<MemorySource>(film), clock);
    if (!input) {
      EXPECT_FALSE(input.error().detail.empty());
      continue;
    }
    ++opened;
    Driven driven(std::move(*input));
    const auto& info = driven.player.info();
    for (const auto& rendition : info.video)
      if (rendition.name != "high") driven.watch(rendition.name, rendition.codecs.front());
    if (info.audio) driven.listen();
    driven.run(400ms);
    if (info.seekable) static_cast<void>(driven.player.seek(300ms));
    driven.run(1s);
  }
  EXPECT_GT(opened, kSeeds / 3);
}

}  // namespace
}  // namespace telltale::media
