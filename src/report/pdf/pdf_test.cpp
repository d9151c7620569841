// What is written is read back by poppler's tools.
#include "report/pdf/pdf.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace telltale::report {
namespace {

class PdfTest : public testing::Test {
 protected:
  PdfTest() {
    std::string name = (std::filesystem::temp_directory_path() / "telltale-pdf-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  ~PdfTest() override { std::filesystem::remove_all(folder); }
  std::string write(const Document& document, const PdfLimits& limits = {}) {
    const auto pdf = write_pdf(document, limits);
    EXPECT_TRUE(pdf) << pdf.error().detail;
    const auto path = folder + "/a.pdf";
    if (pdf) std::ofstream(path, std::ios::binary) << *pdf;
    return path;
  }
  // What a program prints.
  std::string run(const std::string& command) {
    std::string out;
    std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");  // NOLINT(cert-env33-c)
    char piece[4096];
    while (const auto read = std::fread(piece, 1, sizeof piece, pipe)) out.append(piece, read);
    EXPECT_EQ(::pclose(pipe), 0) << command << ": " << out;
    return out;
  }
  std::string folder;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Document long_document() {
  Document out{.title = "Fleet <health> & more"};
  for (int i = 1; i <= 12; ++i) {
    out.heading("Server " + std::to_string(i));
    out.paragraph("It was well.", Tone::good);
    out.figures({{"Availability", {.text = "99.9 %", .tone = Tone::good}}});
    out.chart({.title = "Response time",
               .unit = "ms",
               .epoch = 1'700'000'000,
               .series = {{"p50", {{0, 1}, {60, 2}}}, {"p95", {{0, 3}, {60, kNoValue}, {90, 5}}}},
               .marks = {{30, "restart"}},
               .lanes = {{"status", {{0, 40, "healthy", 3}, {40, 60, "down", 5}}}}});
    out.table("Calls", {"Tool", "Calls"}, {{{.text = "read"}, {.text = "12", .number = true}}});
  }
  return out;
}

TEST_F(PdfTest, HasATitlePagesContentsAndBookmarks) {
  const auto path = write(long_document());
  const auto info = run("pdfinfo " + path);
  EXPECT_TRUE(has(info, "Title:           Fleet <health> & more")) << info;
  EXPECT_TRUE(has(info, "A4")) << info;
  const auto text = run("pdftotext -layout " + path + " -");
  EXPECT_TRUE(has(text, "Contents"));
  EXPECT_TRUE(has(text, "1 / ") || has(text, "1/")) << text;
  // The page that the contents name is where the heading is.
  const auto line = text.find("Server 9 ");
  ASSERT_NE(line, std::string::npos) << text;
  const auto named = std::strtol(text.c_str() + line + 9, nullptr, 10);
  ASSERT_GT(named, 1);
  const auto page = run("pdftotext -f " + std::to_string(named) + " -l " + std::to_string(named) +
                        " " + path + " -");
  EXPECT_TRUE(has(page, "Server 9\n")) << page;
  const auto outline = run("pdftohtml -xml -i -stdout " + path);
  EXPECT_TRUE(has(outline, "<outline>") && has(outline, "Server 12</item>")) << outline;
  EXPECT_TRUE(has(outline, "<a href=")) << "contents jump";
  // Vectors, not pictures.
  EXPECT_EQ(run("pdfimages -list " + path + " | tail -n +3"), "");
}

TEST_F(PdfTest, AnyScript) {
  Document document{.title = "报告 تقرير"};
  document.paragraph("汉字漢字かな한국어");
  document.paragraph("مرحبا بالعالم");
  document.paragraph("שלום עולם");
  document.paragraph("नमस्ते ประเทศไทย");
  document.paragraph("e\u0301tude, Ελληνικά, Русский, 😀");
  const auto path = write(document);
  const auto text = run("pdftotext " + path + " -");
  for (const auto* const word : {"汉字漢字かな한국어", "Ελληνικά", "Русский", "报告"})
    EXPECT_TRUE(has(text, word)) << word << "\n" << text;
  // Stored as it is read, whichever way it is drawn: poppler marks the direction around it.
  for (const auto* const word : {"مرحبا", "بالعالم", "שלום"})
    EXPECT_TRUE(has(text, word)) << word << "\n" << text;
  const auto fonts = run("pdffonts " + path);
  EXPECT_TRUE(has(fonts, "CJK")) << fonts;
  EXPECT_TRUE(has(fonts, "Arab")) << fonts;
  EXPECT_FALSE(has(text, "No font of the machine")) << text;
  // Emoji are pictures of a font: drawn, but not text.
  EXPECT_NE(run("pdfimages -list " + path + " | tail -n +3"), "");
  for (std::size_t at = fonts.find("Noto"); at != std::string::npos;
       at = fonts.find("Noto", at + 1))
    EXPECT_TRUE(has(fonts.substr(at, 80), " yes yes ")) << "embedded and subset\n" << fonts;
}

TEST_F(PdfTest, WhatNoFontHasIsSaid) {
  Document document{.title = "t"};
  document.paragraph("\U000F1234 and \U0010FFFD");
  const auto text = run("pdftotext " + write(document) + " -");
  EXPECT_TRUE(has(text, "U+F1234 U+10FFFD")) << text;
}

TEST_F(PdfTest, WhatIsLongGoesOverPagesAndWhatIsTooLongIsCutAndSaid) {
  Document document{.title = "t"};
  std::string words;
  for (int i = 0; i < 3'000; ++i) words += "word" + std::to_string(i) + " ";
  document.paragraph(words.substr(0, 18'000));
  document.paragraph(std::string(5'000, 'x'));
  std::vector<std::vector<Cell>> rows;
  rows.reserve(300);
  for (int i = 0; i < 300; ++i)
    rows.push_back({{.text = "row" + std::to_string(i)}, {.text = std::string(3'000, 'y')}});
  document.table("caption", {"a", "b"}, rows);
  const auto path = write(document, {.rows = 100});
  const auto text = run("pdftotext " + path + " -");
  EXPECT_TRUE(has(text, "word0 ") && has(text, "word1500 "));
  EXPECT_TRUE(has(text, "row99") && !has(text, "row100"));
  EXPECT_TRUE(has(text, "200 more rows are left out here"));
}

TEST_F(PdfTest, NothingAndNonsenseAreStillADocument) {
  EXPECT_TRUE(has(run("pdfinfo " + write({.title = ""})), "Pages:           1"));
  Document document{.title = std::string("\xff\x00\x1b", 3)};
  document.heading("");
  document.paragraph(std::string("\x80\xc3\0 it's (a) 'quote' \\", 22));
  document.table("", {}, {});
  document.table("", {"a"}, {{}, {{.text = "1"}, {.text = "2"}}});
  document.figures({});
  document.chart({.title = "", .series = {{"", {}}}});
  EXPECT_TRUE(has(run("pdfinfo " + write(document)), "Pages:           1"));
}

}  // namespace
}  // namespace telltale::report
