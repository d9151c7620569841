// Films for tests, made when asked for and gone with the test: the test pattern with its tone, in
// whatever form Debian's ffmpeg can give it.
#pragma once

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "media/file_input.hpp"
#include "media/test_support.hpp"

namespace telltale::media::testing_support {

class Films {
 public:
  static constexpr PictureSize kSize{.width = 320, .height = 180};

  Films() {
    std::string pattern = "/tmp/telltale-media-XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  Films(const Films&) = delete;
  Films& operator=(const Films&) = delete;
  ~Films() { EXPECT_EQ(std::system(("rm -rf '" + folder_ + "'").c_str()), 0); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  // `options` say what becomes of the pattern: codecs, filters. The name's end says the container.
  std::string make(const std::string& name, const std::string& options, int frames = 90,
                   bool sound = true) {
    raw(frames);
    const auto input =
        "-f rawvideo -pix_fmt yuv420p -s 320x180 -r 30 -i " + raw_path(frames) +
        (sound ? ".yuv -f f32le -ar 48000 -ac 2 -i " + raw_path(frames) + ".pcm " : ".yuv ");
    return run(name, input + options);
  }
  std::string make_sound(const std::string& name, const std::string& options) {
    raw(90);
    return run(name, "-f f32le -ar 48000 -ac 2 -i " + raw_path(90) + ".pcm " + options);
  }
  std::string run(const std::string& name, const std::string& options) const {
    const auto command =
        "ffmpeg -v error -nostdin -y " + options + " '" + path(name) + "' >&2 </dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return path(name);
  }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::string raw_path(int frames) const { return path("raw" + std::to_string(frames)); }
  void raw(int frames) {
    if (std::ifstream(raw_path(frames) + ".yuv").good()) return;
    std::ofstream yuv(raw_path(frames) + ".yuv", std::ios::binary);
    std::ofstream pcm(raw_path(frames) + ".pcm", std::ios::binary);
    TestPattern pattern({.size = kSize, .frame_rate = 30});
    std::vector<Unit> units;
    const auto write_bytes = [](std::ofstream& out, const void* data, std::size_t size) {
      out.write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
    };
    for (int pictures = 0; pictures < frames;) {
      units.clear();
      EXPECT_TRUE(pattern.read({.pictures = true, .sound = true}, units));
      for (const auto& unit : units)
        if (const auto* const sound = std::get_if<SoundUnit>(&unit)) {
          write_bytes(pcm, sound->samples.data(), sound->samples.size() * sizeof(float));
        } else {
          const auto& frame = *std::get<PictureUnit>(unit).picture.frame;
          for (std::size_t plane = 0; plane < 3; ++plane)
            for (int y = 0; y < (plane == 0 ? frame.height : frame.height / 2); ++y)
              write_bytes(yuv, frame.data[plane] + std::ptrdiff_t{y} * frame.linesize[plane],
                          static_cast<std::size_t>(plane == 0 ? frame.width : frame.width / 2));
          ++pictures;
        }
    }
  }
  std::string folder_;
};

// Bytes in memory; what a test wants of them.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string bytes, bool sized = true)
      : bytes_(std::move(bytes)), sized_(sized) {}
  base::Result<std::optional<std::uint64_t>> size() override {
    return sized_ ? std::optional<std::uint64_t>(bytes_.size()) : std::nullopt;
  }
  base::Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (offset >= bytes_.size()) return 0;
    const auto count = std::min(out.size(), bytes_.size() - static_cast<std::size_t>(offset));
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
    return count;
  }
  void cancel() override {}

 private:
  const std::string bytes_;
  const bool sized_;
};

inline base::Result<std::unique_ptr<Input>> open_bytes(std::shared_ptr<ByteSource> source,
                                                       const base::Clock& clock) {
  return FileInput::open(std::move(source), std::make_shared<std::atomic<bool>>(false), clock);
}

inline base::Result<std::unique_ptr<Input>> open_film(const std::string& path) {
  static const base::VirtualClock kClock;
  auto source = FileSource::open(path);
  if (!source) return std::unexpected(source.error());
  return open_bytes(std::move(*source), kClock);
}

}  // namespace telltale::media::testing_support
