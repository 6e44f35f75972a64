"""The encoder of the bundled model: unit vectors, the same every time, and no altered file is ever loaded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from embeddings.manifest import MANIFEST_FILE, ManifestError, read_manifest, verify_manifest, write_manifest
from embeddings.protocols import Encoder, EncoderError
from embeddings.sentence_transformer import SentenceTransformerEncoder
from matchmaker.bootstrap import load_encoder
from matchmaker.errors import ModelUnavailable
from matchmaker.settings import Settings
from tests.factories import FakeEncoder

BUNDLED = Path(__file__).resolve().parents[2] / "embeddings" / "bundled"
TEXTS = ("delivery robots for hospitals", "병원용 배송 로봇", "a", "한", "?!", "🤖", "", "x" * 4000)
needs_the_model = pytest.mark.skipif(not (BUNDLED / MANIFEST_FILE).exists(), reason="absent: bundled model")


@pytest.fixture(scope="module")
def bundled() -> Encoder:
    return SentenceTransformerEncoder(str(BUNDLED))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return shutil.copytree(BUNDLED, tmp_path / "model")


@pytest.fixture
def small_model(tmp_path: Path) -> Path:
    """A folder that looks like a model to the manifest."""
    folder = tmp_path / "small"
    (folder / "0_Part").mkdir(parents=True)
    (folder / "modules.json").write_text("[]")
    (folder / "0_Part" / "model.safetensors").write_bytes(b"\x01\x02")
    (folder / "README.md").write_text("A card.")
    return folder


@pytest.mark.parametrize("encoder", [FakeEncoder(), pytest.param("bundled", marks=needs_the_model)])
def test_every_text_becomes_a_unit_vector(encoder: Encoder | str, request: pytest.FixtureRequest) -> None:
    made: Encoder = request.getfixturevalue(encoder) if isinstance(encoder, str) else encoder
    for encode in (made.encode_query, made.encode_document):
        vectors = encode(TEXTS)
        assert vectors.shape == (len(TEXTS), made.dimensions)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
        assert encode([]).shape == (0, made.dimensions)


@needs_the_model
def test_a_text_gets_the_same_vector_in_any_company(bundled: Encoder) -> None:
    together = bundled.encode_document(TEXTS)
    alone = np.concatenate([bundled.encode_document([text]) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)


@needs_the_model
def test_batches_do_not_change_vectors_and_tell_their_progress(bundled: Encoder) -> None:
    told: list[tuple[int, int]] = []
    small = SentenceTransformerEncoder(str(BUNDLED), batch_size=3)
    vectors = small.encode_document(TEXTS, lambda done, total: told.append((done, total)))
    np.testing.assert_array_equal(vectors, bundled.encode_document(TEXTS))
    assert told == [(3, 8), (6, 8), (8, 8)]


@needs_the_model
def test_translations_are_nearer_than_other_texts(bundled: Encoder) -> None:
    english = bundled.encode_document(
        ["a hospital in Singapore", "speech recognition for Korean", "port logistics"]
    )
    korean = bundled.encode_document(["싱가포르의 병원", "한국어 음성 인식", "항만 물류"])
    assert (english @ korean.T).argmax(axis=1).tolist() == [0, 1, 2]


@needs_the_model
def test_the_name_follows_the_weights(bundled: Encoder, copied: Path) -> None:
    assert SentenceTransformerEncoder(str(copied)).name.split("@")[1] == bundled.name.split("@")[1]
    weights = next(copied.rglob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")
    write_manifest(copied, "altered", "2")
    assert SentenceTransformerEncoder(str(copied)).name.split("@")[1] != bundled.name.split("@")[1]


@needs_the_model
@pytest.mark.parametrize("suffix", [".safetensors", ".json"])
def test_an_altered_file_is_never_loaded(suffix: str, copied: Path) -> None:
    file = next(path for path in copied.rglob(f"*{suffix}") if path.name != MANIFEST_FILE)
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(EncoderError, match="differs from its published hash") as caught:
        SentenceTransformerEncoder(str(copied))
    assert "Restore the folder" in str(caught.value)


@needs_the_model
def test_a_file_that_was_added_or_removed_is_told(copied: Path) -> None:
    (copied / "extra.json").write_text("{}")
    with pytest.raises(EncoderError, match=r"not listed: extra\.json"):
        SentenceTransformerEncoder(str(copied))
    (copied / "extra.json").unlink()
    next(copied.rglob("*.safetensors")).unlink()
    with pytest.raises(EncoderError, match="missing: "):
        SentenceTransformerEncoder(str(copied))


@pytest.mark.parametrize("model", ["someone/some-model", "nowhere", "./nowhere", "/nowhere/at/all"])
def test_a_name_without_a_revision_is_refused(model: str) -> None:
    with pytest.raises(EncoderError, match="MATCHMAKER_MODEL_REVISION") as caught:
        SentenceTransformerEncoder(model)
    assert model in str(caught.value)


@pytest.mark.parametrize("model", ["./nowhere", "/nowhere/at/all"])
def test_a_revision_makes_no_model_of_a_path(model: str) -> None:
    with pytest.raises(EncoderError, match="no usable sentence-transformers model"):
        SentenceTransformerEncoder(model, revision="0" * 40)


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="no usable sentence-transformers model"):
        SentenceTransformerEncoder(str(tmp_path))


def test_the_product_says_which_model_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="unset MATCHMAKER_MODEL"):
        load_encoder(Settings(model=str(tmp_path)))


def test_a_manifest_lists_the_files_that_are_loaded(small_model: Path) -> None:
    written = write_manifest(small_model, "small", "1")
    assert set(written.files) == {"modules.json", "0_Part/model.safetensors"}
    assert verify_manifest(small_model) == read_manifest(small_model) == written


def test_documents_may_change(small_model: Path) -> None:
    write_manifest(small_model, "small", "1")
    (small_model / "README.md").write_text("Another card.")
    verify_manifest(small_model)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "modules.json").write_text("[ ]"), r"modules\.json differs"),
        (lambda folder: (folder / "modules.json").unlink(), r"missing: modules\.json"),
        (lambda folder: (folder / "more.json").write_text("[]"), r"not listed: more\.json"),
        (lambda folder: (folder / MANIFEST_FILE).unlink(), r"manifest\.json is missing"),
        (lambda folder: (folder / MANIFEST_FILE).write_text("{"), "not a valid manifest"),
        (lambda folder: (folder / MANIFEST_FILE).write_text("[]"), "not a valid manifest"),
        (
            lambda folder: (folder / MANIFEST_FILE).write_text(json.dumps({"name": "a"})),
            "not a valid manifest",
        ),
        (
            lambda folder: (folder / MANIFEST_FILE).write_text('{"name": "a", "version": "1", "files": 7}'),
            "not a valid manifest",
        ),
    ],
)
def test_a_folder_that_is_not_what_was_published_is_told(
    spoil: object, message: str, small_model: Path
) -> None:
    write_manifest(small_model, "small", "1")
    spoil(small_model)  # type: ignore[operator]
    with pytest.raises(ManifestError, match=message):
        verify_manifest(small_model)
