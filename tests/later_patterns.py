"""Calls of scripts for later releases, by what they are about; see compat/test_later_patterns.py.

They were written for this test, after what public documentation and scripts call.
"""

#: What stands in two modules.
_TIMM = """
fresh()
from fastdup.MODULE import TimmEncoder
needs('timm')
encoder = TimmEncoder('resnet18', pretrained=False)
os.unlink('images/broken.jpg')
encoder.compute_embeddings('images')
assert encoder.embeddings.shape == (13, 512) and encoder.num_images == 13
fd = fastdup.create('out', encoder.img_folder)
fd.run(annotations=encoder.file_paths, embeddings=encoder.embeddings)
assert fd.embeddings()[1].shape == (13, 512)
"""

#: Name → lines of Python.
PATTERNS = {
    # --- data frames: columns are real ones ---------------------------------------------------
    "similarity has filename_from": """
df = fd.similarity()
assert 'filename_from' in df.columns and 'filename_to' in df.columns
assert type(df) is pd.DataFrame and len(df) > 4
assert df['filename_from'].equals(df['from'].rename('filename_from'))
""",
    "similarity sorted by distance": """
df = fd.similarity().sort_values(by=['distance', 'filename_from'], ascending=[False, True])
assert df.iloc[0].distance == 1 and df.distance.dtype == float
""",
    "similarity loc with a list": """
df = fd.similarity().loc[:, ['filename_from', 'filename_to', 'distance']]
assert list(df.columns) == ['filename_from', 'filename_to', 'distance'] and df.shape[1] == 3
""",
    "similarity loc with a condition": """
df = fd.similarity()
names = df.loc[df['distance'] > 0.999, 'filename_to']
assert base(names) == ['01.jpg', '01_same.jpg']
""",
    "similarity merged with a table": """
sizes = pd.DataFrame({'filename_from': fd.img_stats()['filename'], 'size': 1})
df = fd.similarity().merge(sizes, on='filename_from', how='left')
assert len(df) == len(fd.similarity()) and df['size'].sum() == len(df)
""",
    "similarity merged left_on and right_on": """
stats = fd.img_stats()[['filename', 'width']]
df = pd.merge(fd.similarity(), stats, left_on='filename_to', right_on='filename')
assert set(df['width']) == {200} and len(df) == len(fd.similarity())
""",
    "similarity grouped by filename_from": """
df = fd.similarity()
groups = df[df.distance > 0.9].groupby('filename_from')['filename_to'].apply(list)
assert groups.map(len).max() == 3 and isinstance(groups.iloc[0], list)
""",
    "similarity by iterrows": """
seen = {}
for index, row in fd.similarity().iterrows():
    seen.setdefault(row['filename_from'], []).append((row['filename_to'], row['distance']))
assert all(isinstance(value, float) for near in seen.values() for _, value in near)
assert len(seen) > 5
""",
    "similarity by itertuples": """
pairs = {(row.filename_from, row.filename_to) for row in fd.similarity().itertuples()}
assert len(pairs) == len(fd.similarity()) and all(a != b for a, b in pairs)
""",
    "similarity without doubled pairs": """
df = fd.similarity()
df['pair'] = [tuple(sorted(p)) for p in zip(df.filename_from, df.filename_to)]
once = df.drop_duplicates(subset='pair')
assert len(df) / 2 <= len(once) < len(df)
""",
    "similarity drop_duplicates by a column": """
df = fd.similarity().drop_duplicates(subset=['filename_from'])
assert df['filename_from'].is_unique
""",
    "similarity by query": """
df = fd.similarity().query('distance >= 0.98 and filename_from != filename_to')
assert base(set(df.filename_from)) == [
    '00.jpg', '00_q50.jpg', '00_q60.jpg', '00_q70.jpg', '01.jpg', '01_same.jpg']
""",
    "similarity renamed": """
df = fd.similarity().rename(columns={'filename_from': 'a', 'filename_to': 'b'})
assert {'a', 'b'} <= set(df.columns) and 'filename_from' not in df.columns
""",
    "similarity to CSV with columns": """
path = tmp_path / 'pairs.csv'
fd.similarity().to_csv(path, columns=['filename_from', 'filename_to', 'distance'], index=False)
again = pd.read_csv(path)
assert list(again) == ['filename_from', 'filename_to', 'distance']
assert len(again) == len(fd.similarity())
""",
    "similarity as records": """
first = fd.similarity().to_dict('records')[0]
assert base([first['filename_from'], first['filename_to']]) == ['01.jpg', '01_same.jpg']
""",
    "similarity as attributes": """
df = fd.similarity()
assert df.filename_from.tolist() == df['from'].tolist()
""",
    "similarity set_index": """
df = fd.similarity().set_index('filename_from')
assert df.index.name == 'filename_from' and len(df.loc[[df.index[0]]]) >= 1
""",
    "similarity pivot_table": """
table_ = fd.similarity().pivot_table(
    index='filename_from', columns='filename_to', values='distance')
assert table_.max().max() == 1
""",
    "similarity of labels that differ": """
df = fd.similarity()
odd = df[df['label_from'] != df['label_to']]
assert {'label_from', 'label_to'} <= set(df) and 0 < len(odd) < len(df)
""",
    "similarity with splits": """
df = fd.similarity()
leaks = df[(df.split_from == 'train') & (df.split_to == 'test')]
assert set(df.split_from) == {'train', 'test'} and 0 < len(leaks) < len(df)
""",
    "similarity data=False": """
df = fd.similarity(data=False)
assert list(df.columns)[:4] == ['from', 'to', 'distance', 'filename_from']
assert not [name for name in df.columns if name.startswith(('label', 'split'))]
""",
    "similarity of one split": """
df = fd.similarity(split='train')
assert set(df.split_from) == set(df.split_to) == {'train'}
""",
    "similarity include_unannotated": """
df = fd.similarity(include_unannotated=False)
assert df['label_from'].notna().all()
""",
    "similarity load_crops": """
assert len(fd.similarity(load_crops=True)) == len(fd.similarity())
""",
    "outliers have filename_outlier": """
df = fd.outliers()
assert {'filename_outlier', 'filename_nearest', 'distance'} <= set(df.columns)
assert df['filename_outlier'].equals(df['outlier'].rename('filename_outlier'))
""",
    "outliers as a list": """
names = fd.outliers()['filename_outlier'].to_list()
assert isinstance(names, list) and len(names) == len(set(names))
""",
    "outliers below a distance": """
df = fd.outliers()
names = df[df.distance < 0.68].filename_outlier.tolist()
assert names == df.filename_outlier.tolist()
""",
    "outliers loc": """
df = fd.outliers().loc[:, ['filename_outlier', 'distance']]
assert df.shape[1] == 2
""",
    "outliers with labels": """
df = fd.outliers()
assert {'label_outlier', 'label_nearest', 'split_outlier'} <= set(df)
""",
    "components are two frames": """
components, info = fd.connected_components()
assert {'filename', 'component_id', 'count', 'mean_distance'} <= set(components)
assert {'component_id', 'count'} <= set(info) and len(info) == components.component_id.nunique()
""",
    "components with index": """
components, _ = fd.connected_components()
paths, rows = fd.embeddings()
assert [paths[row] for row in components['index']] == components['filename'].tolist()
""",
    "components are valid": """
components, _ = fd.connected_components()
assert components['is_valid'].all() and set(components['error_code']) == {'VALID'}
""",
    "components grouped by an own function": """
def get_clusters(df, sort_by='count', min_count=2, ascending=False):
    agg = {'filename': list, 'mean_distance': max, 'count': len}
    if 'label' in df.columns:
        agg['label'] = list
    df = df[df['count'] >= min_count]
    grouped = df.groupby('component_id').agg(agg)
    return grouped.sort_values(by=[sort_by], ascending=ascending)
import warnings
with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    clusters = get_clusters(fd.connected_components()[0])
assert clusters['count'].tolist() == [4, 2]
assert base(clusters.filename.iloc[0])[0] == '00.jpg'
""",
    "components by their size": """
components, _ = fd.connected_components()
assert components.groupby('component_id')['len'].first().tolist() == [4, 2]
assert components['comp_size'].equals(components['count'].rename('comp_size'))
""",
    "components with labels": """
components, _ = fd.connected_components()
kinds = components.groupby('component_id')['label'].nunique()
assert kinds.tolist() == [2, 1] and 'split' in components
""",
    "grouped components": """
grouped = fd.connected_components_grouped(sort_by='comp_size', ascending=False)
assert grouped['len'].tolist() == [4, 2] == grouped['count'].tolist()
assert grouped['distance'].equals(grouped['mean_distance'].rename('distance'))
assert isinstance(grouped.iloc[0]['files'], list)
""",
    "grouped components by metric": """
grouped = fd.connected_components_grouped(metric='distance')
assert grouped['distance'].is_monotonic_decreasing
""",
    "grouped components by label": """
grouped = fd.connected_components_grouped(group_by='label')
assert sorted(grouped['len']) == [1, 2, 3]
assert all(len(set(names)) == 1 for names in grouped['label'])
""",
    "copies of grouped components": """
files = fd.connected_components_grouped()['files']
to_remove = [name for group in files for name in group[1:]]
assert len(to_remove) == 4
""",
    "stats are valid": """
df = fd.img_stats()
assert df['is_valid'].all() and len(df) == 13 and df.is_valid.dtype == bool
""",
    "stats with labels and splits": """
df = fd.img_stats()
assert {'label', 'split', 'error_code'} <= set(df)
assert df.groupby('split')['mean'].mean().shape == (2,)
""",
    "stats of dark images": """
df = fd.img_stats()
assert base(df[df['mean'] < 13]['filename']) == ['dark.jpg']
""",
    "stats sorted by blur": """
df = fd.img_stats().sort_values(by='blur', ascending=True)
assert df['blur'].is_monotonic_increasing and df['blur'].dtype == float
""",
    "stats as quantiles": """
low = fd.img_stats()['blur'].quantile(0.1)
assert (fd.img_stats()['blur'] < low).sum() == 2
""",
    "invalid instances": """
df = fd.invalid_instances()
assert base(df['filename']) == ['broken.jpg', 'text.jpg']
assert not df['is_valid'].any() and set(df['index']) == {-1}
assert df.error_code.map(type).eq(str).all()
""",
    "annotations": """
df = fd.annotations()
assert len(df) == 13 and {'filename', 'label', 'split', 'index', 'is_valid'} <= set(df)
""",
    "annotations with invalid ones": """
df = fd.annotations(valid_only=False)
assert len(df) == 15 and df['is_valid'].sum() == 13
""",
    "labels on to files": """
labels_of = fd.annotations().set_index('filename')['label'].to_dict()
assert sorted(set(labels_of.values()))[:2] == ['c00', 'c01']
""",
    "exact duplicates": """
df = fd.exact_duplicates()
assert base(df['from']) == ['01.jpg'] and base(df['to']) == ['01_same.jpg']
""",
    # --- the object -----------------------------------------------------------------------------
    "num_instances": """
assert fd.num_instances() == 13 and fd.num_instances(valid_only=False) == 15
""",
    "an image by its number": """
one = fd[0]
assert os.path.basename(one['filename']) == '00.jpg' and one['width'] == 200
assert one['label'] == 'c00'
""",
    "an image by its name": """
assert fd['dark.jpg']['mean'] < 13 and fd['dark.jpg']['index'] == 12
with pytest.raises(KeyError):
    fd['nothing.jpg']
""",
    "config": """
assert fd.config['d'] == 576 and fd.config['threshold'] == 0.3
assert fd.config['work_dir'] == 'work' and fd.config['input_dir'] == 'images'
assert fd.config['ccthreshold'] == fd.config['cc_threshold'] == 0.9
""",
    "work_dir and input_dir": """
assert (fd.work_dir, fd.input_dir) == ('work', 'images')
""",
    "embeddings": """
paths, rows = fd.embeddings(d=576)
assert rows.shape == (13, 576) and rows.dtype == np.float32 and len(paths) == 13
""",
    "summary": """
lines = fd.summary(verbose=False, blur_threshold=150.0)
assert '    Dataset contains 15 images' in lines
""",
    "search": """
fd.init_search(k=3)
df = fd.search('images/05.jpg')
assert df.shape[0] == 3 and base([df['to'][0]]) == ['05.jpg'] and df['distance'][0] == 1
""",
    "search with more to prepare": """
with Warned() as warned:
    fd.init_search(k=2, work_dir='work', d=576, model_path='m.onnx', license='')
assert [text.split()[0] for text in warned] == ['work_dir', 'd', 'model_path', 'license']
assert len(fd.search('images/05.jpg')) == 2
""",
    "search for a picture in memory": """
df = fd.search('query', img=Image.open('images/05.jpg'), k=1)
assert base(df['to']) == ['05.jpg'] and df['from'].tolist() == ['query']
""",
    "search for an array": """
df = fd.search('query', img=np.asarray(Image.open('images/05.jpg')), k=1, verbose=1)
assert base(df['to']) == ['05.jpg'] and df['distance'][0] > 0.98
""",
    "pairs by their rows": """
df = fd.similarity()
paths, _ = fd.embeddings()
assert [paths[row] for row in df['index_x']] == df['from'].tolist()
assert df['fd_index_to'].tolist() == df['index_y'].tolist()
assert df['is_valid_from'].all() and set(df['error_code_to']) == {'VALID'}
""",
    "stats by the names of 2.x": """
df = fd.img_stats()
assert set(df['img_w']) == {200} and set(df['img_h']) == {150}
assert df['fd_index'].tolist() == list(range(13)) and set(df['error_code']) == {'VALID'}
""",
    "features of a new picture": """
rows, names = fd.feature_vector('images/05.jpg')
assert rows.shape == (1, 576) and rows.dtype == np.float32 and names == ['images/05.jpg']
paths, stored = fd.embeddings()
assert np.allclose(rows[0], stored[base(paths).index('05.jpg')], atol=1e-6)
rows, names = fd.feature_vectors(['images/05.jpg', 'images/06.jpg'], d=576)
assert rows.shape == (2, 576) and len(names) == 2
""",
    "search for a vector": """
fd.init_search(k=2)
df = fd.vector_search(vec=fd.feature_vector('images/05.jpg')[0])
assert len(df) == 2 and base([df['to'][0]]) == ['05.jpg'] and df['distance'][0] > 0.999
assert set(df['from']) == {'query_vector'}
fastdup.init_search(3, 'work')
df = fastdup.vector_search('mine', fd.embeddings()[1][0])
assert len(df) == 3 and set(df['from']) == {'mine'} and df['distance'][0] > 0.999
with pytest.raises(ValueError, match='width 576'):
    fd.vector_search(vec=np.ones(3))
""",
    "a picture as the second argument of search": """
df = fd.search('q', Image.open('images/03.jpg'))
assert len(df) == 2 and base([df['to'][0]]) == ['03.jpg']
""",
    "None for the default of an option": """
fresh()
fd = fastdup.create('out', 'images')
fd.run(num_threads=None, num_images=2, license=None, model_path=None, threshold=None)
assert fd.num_instances() == 2
""",
    "a gallery with label_col=None": """
page = fd.vis.duplicates_gallery(label_col=None, save_path=str(tmp_path), num_images=2)
assert '"label":"c01"' in Path(page).read_text()
""",
    "fast_mode": """
assert len(fd.outliers(fast_mode=True)) == len(fd.outliers())
assert len(fd.connected_components(fast_mode=True)[0]) == 6
""",
    "annotations by image": """
df = fd.img_grouped_annot()
assert len(df) == 15 and df['filename'].is_unique and isinstance(df['label'][0], list)
assert len(fd.get_annotations_dataframe()) == 15
""",
    "load_config": """
config = fastdup.load_config('work')
assert config['threshold'] == 0.3 and config['d'] == 576 and config['work_dir'] == 'work'
""",
    "save_binary_feature by its keywords": """
fastdup.save_binary_feature(save_path=str(tmp_path), filenames=['/a', '/b'], np_array=np.eye(2, 3))
assert fastdup.load_binary_feature(str(tmp_path), d=3)[0] == ['/a', '/b']
""",
    "captions": """
with pytest.raises(NotImplementedError, match='your own captions'):
    fd.caption(model_name='automatic', device='cpu')
""",
    "enrichment": """
with pytest.raises(NotImplementedError, match='boxes too'):
    fd.enrich(task='zero-shot-classification', model='recognize-anything-model', input_df=table)
""",
    "engine": """
from fastdup.engine import Fastdup
assert isinstance(fd, Fastdup) and len(Fastdup('work', 'images').similarity()) > 0
""",
    "Hugging Face data set": """
fresh()
loaded = []
def load_dataset(name, split):
    loaded.append((name, split))
    return Rows(image=[Image.open(f'images/0{n}.jpg') for n in range(3)], label=[1, 0, 1])
monkeypatch.setitem(sys.modules, 'datasets', SimpleNamespace(load_dataset=load_dataset))
from fastdup.datasets import FastdupHFDataset
dataset = FastdupHFDataset('owner/animals', split='valid')
assert loaded == [('owner/animals', 'valid')] and len(dataset) == 3
assert dataset[0]['label'] == 1 and list(dataset.annotations) == ['filename', 'label']
fd = fastdup.create('out', dataset.img_dir)
fd.run(annotations=dataset.annotations)
assert base(fd.annotations()['filename']) == ['0.jpg', '1.jpg', '2.jpg']
assert fd.annotations()['label'].tolist() == ['cat', 'dog', 'dog']
""",
    "timm": _TIMM.replace("MODULE", "embeddings_timm"),
    "timm of 2.x": _TIMM.replace("MODULE", "embeddings.timm"),
    "definitions": """
from fastdup.definitions import FILENAME_FEATURES, FILENAME_IMAGE_LIST, FILENAME_IMAGE_STATS
from fastdup.definitions import FILENAME_CONNECTED_COMPONENTS, FILENAME_SIMILARITY
files = [FILENAME_FEATURES, FILENAME_IMAGE_LIST, FILENAME_IMAGE_STATS, FILENAME_SIMILARITY]
assert files == ['features.dat', 'features.dat.csv', 'stats.csv', 'similarity.csv']
assert {*files, FILENAME_CONNECTED_COMPONENTS} <= set(os.listdir('work'))
""",
    "synthetic pictures": """
with pytest.raises(ImportError, match='demo/'):
    import fastdup.synthetic_image_data
""",
    # --- runs -------------------------------------------------------------------------------------
    "verbose as a number": """
images = fresh()
assert fastdup.run('images', 'out', verbose=1, num_images=2) == 0
assert fastdup.run('images', 'out', verbose=0, num_images=2) == 0
""",
    "version as a number": """
assert fastdup.run('images', version=1) == 0
""",
    "files of later releases by the object": """
assert os.path.getsize('work/atrain_features.dat') == 13 * 576 * 4
names = pd.read_csv('work/atrain_features.dat.csv')
assert list(names) == ['index', 'filename'] and len(names) == 13
assert len(pd.read_csv('work/atrain_stats.csv')) == 13
assert len(pd.read_csv('work/atrain_features.bad.csv')) == 2
""",
    "one component for each image": """
df = pd.read_csv('work/components_per_image.csv')
assert list(df)[:3] == ['__id', 'filename', 'component_id'] and len(df) == 13
assert df['filename'].tolist() == fd.embeddings()[0]
assert df['component_id'].value_counts().tolist()[:2] == [4, 2]
""",
    "files of later releases by an option": """
fresh()
fastdup.run('images', 'out', num_images=3, compat_files=True)
assert os.path.exists('out/atrain_features.dat')
fastdup.run('images', 'out', num_images=3)
assert not os.path.exists('out/atrain_features.dat')
assert os.path.exists('out/features.dat')
""",
    "files of later releases by turi_param": """
fresh()
fastdup.run('images', 'out', num_images=3, turi_param='ccthreshold=0.96,run_pagerank=0')
assert os.path.exists('out/atrain_features.dat.csv')
""",
    "load_binary_feature of atrain_features": """
paths, rows = fastdup.load_binary_feature('work/atrain_features.dat', d=576)
assert rows.shape == (13, 576) and isinstance(paths, list)
""",
    "load_binary_feature of atrain_features without them": """
fresh()
assert fastdup.run('images', 'out', num_images=2) == 0
assert not os.path.exists('out/atrain_features.dat')
assert fastdup.load_binary_feature('out/atrain_features.dat')[1].shape == (2, 576)
""",
    "nnf.index": """
import faiss
fresh()
assert fastdup.run('images', 'out', nn_provider='nnf', nnf_mode='HNSW32') == 0
assert faiss.read_index('out/nnf.index').ntotal == faiss.read_index('out/faiss.index').ntotal
""",
    "load_binary_feature with d": """
paths, rows = fastdup.load_binary_feature('work/features.dat', 576)
assert rows.shape == (len(paths), 576)
with pytest.raises(fastdup.WorkDirError, match='d=384'):
    fastdup.load_binary_feature('work/features.dat', d=384)
""",
    "features of 0.25": """
np.eye(3, 4, dtype='float32').tofile(tmp_path / 'features.dat')
(tmp_path / 'features.dat.csv').write_text('filename\\n/a.jpg\\n/b.jpg\\n/c.jpg\\n')
paths, rows = fastdup.load_binary(str(tmp_path / 'features.dat'))
assert paths == ['/a.jpg', '/b.jpg', '/c.jpg'] and rows.shape == (3, 4)
""",
    "features with gaps": """
np.eye(2, 4, dtype='float32').tofile(tmp_path / 'features.dat')
(tmp_path / 'features.dat.csv').write_text('index,filename\\n0,/a.jpg\\n2,/c.jpg\\n')
assert fastdup.load_binary_feature(tmp_path)[0] == ['/a.jpg', '/c.jpg']
""",
    "search in features of 2.x": """
np.ones((2, 4), dtype='float32').tofile(tmp_path / 'atrain_features.dat')
(tmp_path / 'atrain_features.dat.csv').write_text('index,filename\\n0,/a.jpg\\n2,/c.jpg\\n')
assert fastdup.run('', str(tmp_path), run_mode=2, d=4) == 0
df = pd.read_csv(tmp_path / 'similarity.csv')
assert set(df['from']) == {'/a.jpg', '/c.jpg'}
assert fastdup.load_binary_feature(tmp_path)[1].shape == (2, 4)
""",
    "search by the list of names": """
fastdup.save_binary_feature(str(tmp_path), ['/a', '/b', '/c'], np.eye(3, 20))
status = fastdup.run(str(tmp_path / 'features.dat.csv'), work_dir=str(tmp_path), d=20, run_mode=2)
assert status == 0 and (tmp_path / 'similarity.csv').exists()
""",
    "run_mode 3": """
fresh()
assert fastdup.run('images', 'out', run_mode=1) == 0
os.mkdir('new')
Image.open('images/05.jpg').resize((150, 112)).save('new/leak.jpg')
assert fastdup.run('images', 'out', test_dir='new', run_mode=3, threshold=0.9) == 0
df = pd.read_csv('out/similarity.csv')
assert base(df['from']) == ['leak.jpg'] and base(df['to']) == ['05.jpg']
""",
    "webdataset": """
import shutil
fresh()
shutil.make_archive('00000', 'tar', 'images')
assert fastdup.run_on_webdataset('00000.tar', 'out', num_images=2) == 0
assert len(fastdup.load_binary_feature('out')[0]) == 2
""",
    "an array of paths": """
fresh()
paths = np.array(sorted(str(p) for p in Path('images').glob('0[12].jpg')))
assert fastdup.run(paths, 'out') == 0 and len(fastdup.load_binary('out')[0]) == 2
""",
    "a series of paths": """
fresh()
paths = pd.Series(sorted(str(p) for p in Path('images').glob('0[12].jpg')))
assert fastdup.run(paths, 'out') == 0 and len(fastdup.load_binary('out')[0]) == 2
""",
    "a generator of paths": """
fresh()
assert fastdup.run((p for p in sorted(Path('images').glob('0[12].jpg'))), 'out') == 0
assert len(fastdup.load_binary('out')[0]) == 2
""",
    "a share beyond the listing": """
fresh()
assert fastdup.run('images', 'out', run_mode=1, min_offset=100, max_offset=200) == 0
assert fastdup.load_binary('out')[0] == []
""",
    "small files are left out": """
fresh()
Image.new('RGB', (9, 9)).save('images/tiny.png')
fastdup.run('images', 'out', turi_param='min_file_size=1000', num_images=5, run_mode=1)
names = base(fastdup.load_binary('out')[0])
assert 'tiny.png' not in names and len(names) >= 4
""",
    "narrow and low images are left out": """
fresh()
Image.new('RGB', (50, 200)).save('images/narrow.png')
Image.new('RGB', (200, 50)).save('images/low.png')
assert fastdup.run('images', 'out', run_mode=1,
                   turi_param='min_input_image_width=100,min_input_image_height=100') == 0
names, bad = base(fastdup.load_binary('out')[0]), pd.read_csv('out/features.bad.csv')
assert not {'narrow.png', 'low.png'} & set(names) and '00.jpg' in names
assert base(bad[bad['reason'] == 'too_small']['filename']) == ['low.png', 'narrow.png']
assert fastdup.run('images', 'out', run_mode=1) == 0
assert {'narrow.png', 'low.png'} <= set(base(fastdup.load_binary('out')[0]))
""",
    "options that mean nothing": """
fresh()
with Warned() as warned:
    fastdup.create('out', 'images').run(
        num_images=2, license='K', high_accuracy=False, run_explain=False, print_summary=False,
        run_sentry=False, batch_size=1, resume=0)
assert {text.split()[0] for text in warned} == {
    'license', 'high_accuracy', 'run_explain', 'print_summary', 'run_sentry', 'batch_size',
    'resume'}
""",
    "switches of turi_param": """
fresh()
with Warned() as warned:
    status = fastdup.run('images', 'out', num_images=2, turi_param=(
        'nnmodel=0,ccthreshold=0.9,run_cc=1,run_pagerank=0,run_degree=0,store_int=0,tar_only=0,'
        'delete_tar=0,delete_img=0,run_stats=1,sync_s3_to_local=1,save_thumbnails=1'))
assert status == 0 and len(warned) == 10
""",
    "a low threshold for outliers": """
fresh()
caplog.set_level('INFO')
fastdup.run('images', 'out', lower_threshold=0.05, num_images=3)
assert 'outlier_percentile=0.05 takes that share of the images' in caplog.text
""",
    "a share of outliers": """
fresh()
fastdup.run('images', 'out', outlier_percentile=0.2, num_images=10)
assert 1 <= len(pd.read_csv('out/outliers.csv')) <= 2
""",
    "boxes as bbox_x": """
fresh()
boxes = pd.DataFrame({'filename': ['02.jpg', '02.jpg'], 'bbox_x': [0, 90], 'bbox_y': [0, 50],
                      'bbox_w': [80, 80], 'bbox_h': [70, 70], 'label': ['a', 'b']})
fd = fastdup.create(work_dir='out', input_dir='images')
fd.run(annotations=boxes)
stats = fd.img_stats()
assert stats[['width', 'height']].values.tolist() == [[80, 70]] * 2
assert stats['label'].tolist() == ['a', 'b'] and stats['bbox_x'].tolist() == [0, 90]
""",
    "boxes as x, y, w, h": """
fresh()
boxes = pd.DataFrame({'filename': ['02.jpg'], 'x': [10], 'y': [20], 'w': [60], 'h': [50]})
fd = fastdup.create(work_dir='out', input_dir='images')
fd.run(annotations=boxes, data_type='bbox')
assert fd.img_stats()[['width', 'height']].values.tolist() == [[60, 50]]
""",
    "boxes that are missing": """
fresh()
with pytest.raises(ValueError, match='has no boxes'):
    fastdup.create('out', 'images').run(annotations=table, data_type='bbox')
""",
    "rotated boxes": """
fresh()
def box(*points):
    return {f'{axis}{n}': v for n, p in enumerate(points, 1) for axis, v in zip('xy', p)}
upright = box((10, 20), (90, 20), (90, 80), (10, 80))
turned = box((90, 20), (90, 80), (10, 80), (10, 20))
at_45 = box((100, 10), (150, 60), (100, 110), (50, 60))
rows = [{'filename': '02.jpg', 'label': 'a', **points} for points in (upright, turned, at_45)]
fd = fastdup.create('out', 'images')
fd.run(annotations=pd.DataFrame(rows), threshold=0.2)
part = Image.open('images/02.jpg').crop((10, 20, 90, 80))
part.save('part.png')
part.transpose(Image.Transpose.ROTATE_90).save('turned.png')
paths, features = fd.embeddings()
assert len(paths) == 3 and len(fd.annotations()) == 3
values = features @ fd.feature_vectors(['part.png', 'turned.png'])[0].T
assert values.argmax(axis=0).tolist() == [
    paths.index(next(p for p in paths if p.endswith(f'#corners={start}')))
    for start in ('10,20,90,20,90,80,10,80', '90,20,90,80,10,80,10,20')]
assert (values.max(axis=0) > 0.999).all()
assert fd.img_stats()[['width', 'height']].values.tolist() == [[80, 60], [60, 80], [71, 71]]
""",
    "annotations as names": """
fresh()
fd = fastdup.create('out', 'images')
fd.run(annotations=['01.jpg', '01_same.jpg', '05.jpg'], num_images=5)
assert len(fd.annotations()) >= 2
""",
    # --- components to delete -----------------------------------------------------------------
    "find_top_components": """
top = fastdup.find_top_components('work')
assert list(top.columns) == ['component_id', 'files', 'distance', 'len']
assert top['len'].tolist() == [4, 2] and isinstance(top['files'].iloc[0], list)
assert top['distance'].between(0.9, 1).all() and len(top.files[0]) == 4
""",
    "find_top_components with labels": """
top = fastdup.find_top_components(work_dir='work', get_label_func=label)
assert top['label'].iloc[0] == ['c00'] * 4
""",
    "find_top_components by label": """
top = fastdup.find_top_components('work', get_label_func=label, group_by='label')
assert top['len'].tolist() == [4, 2]
""",
    "find_top_components of one label": """
top = fastdup.find_top_components('work', get_label_func=label, slice='c01')
assert len(top) == 1 and base(top.files[0]) == ['01.jpg', '01_same.jpg']
""",
    "find_top_components above a size": """
assert len(fastdup.find_top_components('work', min_items=3)) == 1
assert len(fastdup.find_top_components('work', max_items=2).files[0]) == 2
""",
    "find_top_components above a similarity": """
assert fastdup.find_top_components('work', threshold=0.9999)['len'].tolist() == [2]
""",
    "find_top_components by keyword": """
assert len(fastdup.find_top_components('work', keyword='_same')) == 1
""",
    "find_top_components by metric": """
top = fastdup.find_top_components('work', metric='blur', descending=False)
assert len(top) == 2
""",
    "find_top_components to a file": """
fastdup.find_top_components('work', save_path=str(tmp_path))
assert len(pd.read_csv(tmp_path / 'top_components.csv')) == 2
""",
    "delete_components as a dry run": """
top = fastdup.find_top_components('work')
files = fastdup.delete_components(top, None, how='one', dry_run=True)
assert isinstance(files, list) and len(files) == 4
assert all(os.path.exists(name) for name in files)
assert len({os.path.basename(name)[:2] for name in files}) == 2
""",
    "delete_components of some": """
top = fastdup.find_top_components('work')
number = int(top['component_id'].iloc[1])
files = fastdup.delete_components(top, to_delete=[number], dry_run=True)
assert len(files) == 1
""",
    "delete_components for real": """
fresh()
fastdup.run('images', 'out', ccthreshold=0.9, nearest_neighbors_k=4)
top = fastdup.find_top_components('out')
files = fastdup.delete_components(top, dry_run=False)
assert len(files) == 4 and not any(os.path.exists(name) for name in files)
assert len(list(Path('images').glob('0[01]*.jpg'))) == 2
fastdup.undo('out')
assert all(os.path.exists(name) for name in files)
""",
    "delete_components how=all": """
fresh()
fastdup.run('images', 'out', ccthreshold=0.9, nearest_neighbors_k=4)
top = fastdup.find_top_components('out')
files = fastdup.delete_components(top, how='all', dry_run=True, min_distance=0.9)
assert sorted(files) == sorted(name for group in top['files'] for name in group)
assert all(os.path.exists(name) for name in files) and len(files) == 6
assert fastdup.delete_components(top, how='all', dry_run=False, min_distance=0.9) == files
assert not any(os.path.exists(name) for name in files)
fastdup.undo('out')
assert all(os.path.exists(name) for name in files)
""",
    "delete_components_by_label": """
top = fastdup.find_top_components('work', get_label_func=label)
assert fastdup.delete_components_by_label(top) == []  # of fewer than 10 images
files = fastdup.delete_components_by_label(top, min_items=2, min_distance=0.9, dry_run=True)
assert len(files) == 4 and all(os.path.exists(name) for name in files)
fastdup.find_top_components('work', save_path=str(tmp_path))
again = fastdup.delete_components_by_label(
    str(tmp_path / 'top_components.csv'), min_items=2, min_distance=0.9, work_dir='work')
assert base(again) == ['00_q50.jpg', '00_q70.jpg', '01_same.jpg']  # 00_q60.jpg is of another label
""",
    "delete_components_by_label for real": """
fresh()
fastdup.run('images', 'out', ccthreshold=0.9, nearest_neighbors_k=4)
top = fastdup.find_top_components('out', get_label_func=lambda path: path[-6])
assert fastdup.delete_components_by_label(top, min_items=3, min_distance=0.9, dry_run=False) == []
assert '1 components stay whole' in caplog.text
files = fastdup.delete_components_by_label(
    top, min_items=3, min_distance=0.9, how='all', dry_run=False)
assert len(files) == 4 and not any(os.path.exists(name) for name in files)
fastdup.undo('out')
assert all(os.path.exists(name) for name in files)
""",
    "remove_duplicates as a dry run": """
fresh()
files = fastdup.remove_duplicates('images', distance=0.96, dry_run=True)
assert len(files) == 4 and all(os.path.exists(name) for name in files)
""",
    "remove_duplicates for real": """
fresh()
files = fastdup.remove_duplicates('images', work_dir='out', distance=0.96, dry_run=False)
assert len(files) == 4 and not any(os.path.exists(name) for name in files)
fastdup.undo('out')
assert all(os.path.exists(name) for name in files)
""",
    "delete_or_retag_stats_outliers": """
files = fastdup.delete_or_retag_stats_outliers(
    'work/stats.csv', metric='mean', lower_threshold=13, dry_run=True)
assert base(files) == ['dark.jpg'] and os.path.exists(files[0])
""",
    "delete_or_retag_stats_outliers by percentile": """
files = fastdup.delete_or_retag_stats_outliers(
    stats_file=fd.img_stats(), metric='blur', filename_col='filename', lower_percentile=0.1,
    dry_run=True, work_dir='work')
low = fd.img_stats().sort_values('blur')['filename'].head(2)
assert base(files) == base(low)
""",
    "delete_or_retag_stats_outliers moves": """
fresh()
fastdup.run('images', 'out')
files = fastdup.delete_or_retag_stats_outliers(
    'out', metric='dark', lower_threshold=13, dry_run=False, how='move', save_path='dark')
assert base(files) == ['dark.jpg'] and not os.path.exists(files[0])
assert [p.name for p in Path('dark').rglob('*.jpg')] == ['dark.jpg']
fastdup.undo('out')
assert os.path.exists(files[0])
""",
    "delete_or_retag_stats_outliers deletes": """
fresh()
fastdup.run('images', 'out')
files = fastdup.delete_or_retag_stats_outliers(
    'out/stats.csv', 'mean', lower_threshold=13, dry_run=False, how='delete')
assert base(files) == ['dark.jpg'] and not os.path.exists(files[0])
fastdup.undo('out')
assert os.path.exists(files[0])
""",
    "retagging": """
bad = pd.DataFrame({'from': ['images/02.jpg', 'images/03.jpg'], 'score': [10, 90],
                    'label': ['cat', 'dog']})
files = fastdup.delete_or_retag_stats_outliers(
    bad, metric='score', filename_col='from', label_col='label', lower_threshold=51,
    dry_run=False, how='retag=labelImg', save_path=str(tmp_path))
assert base(files) == ['02.jpg'] and os.path.exists(files[0])
assert os.listdir(tmp_path) == ['02.xml']
files = fastdup.delete_or_retag_stats_outliers(
    'work', 'mean', lower_threshold=13, dry_run=False, how='retag=cvat', save_path=str(tmp_path))
assert base(files) == ['dark.jpg'] and os.path.exists(files[0])
tag = ET.parse(tmp_path / 'annotations.xml').find('image[@name="dark.jpg"]/tag')
assert tag.get('label') == 'cda'
""",
    # --- galleries ------------------------------------------------------------------------------
    "duplicates gallery": """
page = fastdup.create_duplicates_gallery('work/similarity.csv', save_path=str(tmp_path),
    num_images=5, max_width=400, lazy_load=False, get_label_func=label)
assert (tmp_path / 'duplicates.html').read_text().count('"label":"c0') > 2
""",
    "duplicates gallery of a frame with labels": """
df = fd.similarity()
df['label_from'] = df['label_to'] = 'mine'
fastdup.create_duplicates_gallery(df, str(tmp_path), num_images=2)
assert '"label":"mine"' in (tmp_path / 'duplicates.html').read_text()
""",
    "gallery with the rest of its options": """
with Warned() as warned:
    fastdup.create_duplicates_gallery('work', str(tmp_path), num_images=2, enhance_image=True,
        keep_aspect_ratio=True, get_bounding_box_func=None, id_to_filename_func=None,
        jupyter_html=False)
assert [text.split()[0] for text in warned] == [
    'enhance_image', 'keep_aspect_ratio', 'get_bounding_box_func', 'id_to_filename_func',
    'jupyter_html']
""",
    "page of blur": """
fastdup.create_stats_gallery('work/stats.csv', save_path=str(tmp_path), metric='blur')
page = (tmp_path / 'blur.html').read_text()
assert page == (tmp_path / 'stats-blur.html').read_text() and 'blurriest' in page
""",
    "page of dark images": """
fastdup.create_stats_gallery('work', str(tmp_path), metric='dark', num_images=1)
assert 'dark.jpg' in (tmp_path / 'mean.html').read_text()
""",
    "a page of the user stays": """
(tmp_path / 'mean.html').write_text('<p>mine')
fastdup.create_stats_gallery('work', str(tmp_path), metric='mean', num_images=1)
assert (tmp_path / 'mean.html').read_text() == '<p>mine'
assert 'is not a gallery, and was left as it is' in caplog.text
""",
    "all images of a statistic": """
fastdup.create_stats_gallery('work', str(tmp_path), metric='size', num_images=0)
assert (tmp_path / 'size.html').read_text().count('"tw":') == 13
""",
    "aspect ratio": """
fastdup.create_aspect_ratio_gallery('work', save_path=str(tmp_path))
page = (tmp_path / 'aspect_ratio.html').read_text()
assert page.count('"tw":') == 13 and 'aspect ratio 1.33' in page
""",
    "pages of the object": """
fd.vis.duplicates_gallery(num_images=2)
fd.vis.outliers_gallery(num_images=2)
fd.vis.component_gallery(num_images=2)
fd.vis.similarity_gallery(num_images=2)
fd.vis.stats_gallery(metric='blur', num_images=2)
names = {'duplicates', 'outliers', 'components', 'similarity', 'blur'}
assert {f'{name}.html' for name in names} <= set(os.listdir('work/galleries'))
""",
    "page of the object elsewhere": """
page = fd.vis.duplicates_gallery(save_path=str(tmp_path), num_images=1, show=False)
assert page == str(tmp_path / 'duplicates.html') and os.listdir(tmp_path) == ['duplicates.html']
""",
    "component gallery of a frame": """
components, _ = fd.connected_components()
one = components[components['count'] == 2]
page = fd.vis.component_gallery(external_df=one, save_path=str(tmp_path))
text = Path(page).read_text()
assert '01_same.jpg' in text and '00_q50.jpg' not in text
""",
    "component gallery of groups": """
for groups in (fd.connected_components_grouped(), fastdup.find_top_components('work')):
    page = fd.vis.component_gallery(external_df=groups[groups['len'] == 2], save_path=str(tmp_path))
    text = Path(page).read_text()
    assert '01_same.jpg' in text and '00_q50.jpg' not in text
""",
    "gallery of a frame with later columns alone": """
df = fd.similarity()[['filename_from', 'filename_to', 'distance']]
page = fd.vis.duplicates_gallery(external_df=df.head(2), save_path=str(tmp_path))
assert '01_same.jpg' in Path(page).read_text()
df = pd.DataFrame({'filename_outlier': df['filename_from'], 'filename_nearest': df['filename_to'],
                   'distance': df['distance']})
page = fastdup.create_outliers_gallery(df, str(tmp_path), num_images=2)
assert Path(page).read_text().count('"tw":') >= 2
""",
    "component gallery by label": """
page = fastdup.create_components_gallery('work', str(tmp_path), get_label_func=label,
    group_by='label')
assert '4 images' in Path(page).read_text()
""",
    "component gallery of one label": """
page = fd.vis.component_gallery(slice='c01', save_path=str(tmp_path), min_items=0)
text = Path(page).read_text()
assert '01_same.jpg' in text and '00_q50.jpg' not in text
""",
    "label_score": """
df = fastdup.create_similarity_gallery('work/similarity.csv', save_path=str(tmp_path),
    get_label_func=label, slice='label_score')
assert list(df.columns) == ['from', 'to', 'label', 'label2', 'distance', 'score', 'length']
assert df['score'].between(0, 100).all() and df['score'].is_monotonic_increasing
assert isinstance(df['to'][0], list) and len(df['to'][0]) == df['length'][0]
of_00 = df[df['from'].map(os.path.basename) == '00.jpg'].iloc[0]
assert of_00['score'] == 100 * sum(x == 'c00' for x in of_00['label2']) / of_00['length']
assert (tmp_path / 'similarity.html').exists() and df.attrs['page'].endswith('similarity.html')
""",
    "label_score by the object": """
df = fd.vis.similarity_gallery(slice='label_score', save_path=str(tmp_path))
bad = df[df['score'] < 50]
assert {'c02', 'other'} & set(df['label']) and len(bad) > 0
""",
    "neighbours of another label": """
df = fastdup.create_similarity_gallery('work', str(tmp_path), get_label_func=label, slice='diff')
assert (df['score'] < 100).all() and len(df) > 0
""",
    "neighbours of the same label": """
df = fastdup.create_similarity_gallery('work', str(tmp_path), get_label_func=label, slice='same')
assert (df['score'] == 100).all()
""",
    "a slice without labels": """
fastdup.save_binary_feature(str(tmp_path), ['/a', '/b'], np.ones((2, 4)))
fastdup.run('', str(tmp_path), run_mode=2)
with pytest.raises(ValueError, match='no image has one'):
    fastdup.create_duplicates_gallery(str(tmp_path), str(tmp_path), slice='cat')
""",
    "galleries of frames": """
fastdup.create_duplicate_videos_gallery('work', str(tmp_path), num_images=1)
fastdup.create_component_videos_gallery('work', str(tmp_path), num_images=1)
assert {'duplicates.html', 'components.html'} <= set(os.listdir(tmp_path))
""",
    # --- clusters, classifiers, sprites, search -----------------------------------------------
    "k-means": """
fresh()
assert fastdup.run_kmeans('images', 'out', num_clusters=3, num_em_iter=5) == 0
df = pd.read_csv('out/kmeans_assignments.csv')
assert list(df.columns) == ['index', 'filename', 'cluster', 'distance'] and len(df) == 13
assert set(df['cluster']) <= {0, 1, 2} and df['distance'].between(0, 2).all()
assert df['filename'].tolist() == fastdup.load_binary('out')[0]
assert df[df['filename'].str.contains('00')]['cluster'].nunique() == 1
first = Path('out/kmeans_assignments.csv').read_text()
assert fastdup.run_kmeans_on_extracted('', 'out', num_clusters=3, num_em_iter=5) == 0
assert Path('out/kmeans_assignments.csv').read_text() == first
page = fastdup.create_kmeans_clusters_gallery('out', save_path='report')
assert Path('report/kmeans_clusters.html').exists() and 'kmeans' in page
df = fastdup.create_kmeans_classifier('out', 3, label)
assert set(df[df['label'] == 'c00']['prediction']) <= {'c00'}
""",
    "k-means of too few images": """
fastdup.save_binary_feature(str(tmp_path), ['/a', '/b'], np.eye(2, 4))
assert fastdup.run_kmeans_on_extracted(work_dir=str(tmp_path), num_clusters=5) == 1
assert 'is more than the 2 images' in caplog.text
""",
    "knn classifier": """
df = fastdup.create_knn_classifier('work', 3, label, threshold=0.9)
assert {'from', 'to', 'label', 'prediction'} <= set(df) and len(df) == 13
assert set(df[df['label'] == 'c00']['prediction']) == {'c00'}
""",
    "top_k_label": """
assert fastdup.top_k_label(['a', 'b', 'b'], [0.9, 0.8, 0.7], k=3) == 'b'
assert fastdup.top_k_label(['a', 'b', 'b'], [0.9, 0.8, 0.7], k=1) == 'a'
assert fastdup.top_k_label(['a', 'b', 'b'], [0.9, 0.8, 0.7], k=3, threshold=0.85) == 'a'
assert fastdup.top_k_label(['a'], [0.9], min_count=2, unknown_class='?') == '?'
""",
    "sprite": """
files = fd.img_stats()['filename'].tolist()
path, names = fastdup.generate_sprite_image(files, 5, str(tmp_path), label)
with Image.open(path) as sprite:
    assert sprite.size == (300, 200)
assert names == [label(name) for name in files[:5]]
""",
    "sprite in the current folder": """
fresh()
path = fastdup.generate_sprite_image(['images/00.jpg', 'images/broken.jpg'], 10, '.', h=20, w=30)[0]
with Image.open(path) as sprite:
    assert sprite.size == (60, 20)
""",
    "projector": """
fastdup.export_to_tensorboard_projector('work', str(tmp_path), sample_size=6, get_label_func=label)
assert len((tmp_path / 'features.tsv').read_text().splitlines()) == 6
assert (tmp_path / 'metadata.tsv').read_text().splitlines()[0] == 'filename\\tlabel'
assert {'sprite.png', 'projector_config.pbtxt'} <= set(os.listdir(tmp_path))
""",
    "search as functions": """
assert fastdup.init_search(2, 'work', d=576) == 0
df = fastdup.search('images/05.jpg', verbose=0)
assert list(df.columns)[:3] == ['from', 'to', 'distance'] and len(df) == 2
assert base([df['to'][0]]) == ['05.jpg']
df = fastdup.search(filename='q', img=Image.open('images/03.jpg'))
assert base([df['to'][0]]) == ['03.jpg']
""",
    "frames of a video": """
fresh()
os.mkdir('films')
film_of(Path('films/a.mp4'), scenes([1, 2]))
assert fastdup.extract_video_frames('films', 'out') == 0
frames = sorted(Path('out/frames/a.mp4').glob('*.jpg'))
with Image.open(frames[0]) as frame:
    assert len(frames) == 2 and frame.size == (192, 144)
""",
    "export to CVAT": """
page = fastdup.export_to_cvat(['images/02.jpg', 'images/03.jpg'], ['a', ['b', 'c']], str(tmp_path))
root = ET.parse(page).getroot()
assert root.tag == 'annotations' and root.find('version').text == '1.1'
assert [image.get('name') for image in root.iter('image')] == ['02.jpg', '03.jpg']
assert {(image.get('width'), image.get('height')) for image in root.iter('image')} == {
    ('200', '150')}
assert [tag.get('label') for tag in root.iter('tag')] == ['a', 'b', 'c']
assert [name.text for name in root.iterfind('.//labels/label/name')] == ['a', 'b', 'c']
""",
    "export to labelImg": """
fastdup.export_to_labelImg(['images/02.jpg'], ['a'], str(tmp_path))
root = ET.parse(tmp_path / '02.xml').getroot()
assert (root.find('filename').text, root.find('object/name').text) == ('02.jpg', 'a')
assert [int(side.text) for side in root.find('object/bndbox')] == [1, 1, 200, 150]
with pytest.raises(ValueError, match='1 files and 2 labels'):
    fastdup.export_to_labelImg(['images/02.jpg'], ['a', 'b'], str(tmp_path))
""",
    "labels of YOLO files": """
fresh()
Path('images/00.txt').write_text('2 0.5 0.5 0.2 0.2\\n1 0.4 0.4 0.2 0.2\\n')
os.mkdir('labels')
Path('labels/07.txt').write_text('12 0.5 0.5 0.2 0.2\\n')
assert fastdup.read_coco_labels('images') == {'images/00.jpg': 'bicycle'}
assert fastdup.read_coco_labels('labels') == {'labels/07.jpg': 'stop sign'}
Path('labels/classes.txt').write_text('\\n'.join(map(str, range(12))) + '\\nmine\\n')
assert fastdup.read_coco_labels('labels') == {'labels/07.jpg': 'mine'}
""",
    "labels of a COCO file": """
(tmp_path / 'c.json').write_text(json.dumps({
    'images': [{'id': 1, 'file_name': 'a.jpg'}, {'id': 2, 'file_name': 'b.jpg'}],
    'annotations': [{'image_id': 2, 'category_id': 7, 'bbox': [0, 0, 9, 9]}],
    'categories': [{'id': 7, 'name': 'cat'}]}))
assert fastdup.read_coco_labels(tmp_path / 'c.json') == {'b.jpg': 'cat'}
""",
    "tars of a WebDataset": """
pairs, bad = fd.similarity(), fd.invalid_instances()
pairs = pairs[pairs['distance'] > 0.95]
tars = fastdup.package_webdataset(
    'images', '', str(tmp_path), _images_per_tar=5, exclude_dups=pairs, exclude_bad=bad)
assert base(tars) == ['visual_layer_000000.tar', 'visual_layer_000001.tar']
names = []
for path in tars:
    with tarfile.open(path) as tar:
        names += tar.getnames()
assert names == sorted(names) and len(names) == 9 and 'broken.jpg' not in names
assert [name[:2] for name in names] == [f'0{n}' for n in range(8)] + ['da']
listed = (tmp_path / 'image_list.txt').read_text().split()
assert listed == [os.path.join('images', name) for name in names]
fastdup.run_on_webdataset(str(tmp_path), str(tmp_path / 'out'))
assert len(fastdup.load_binary_feature(str(tmp_path / 'out'))[0]) == 9
assert len(fastdup.package_webdataset('images', '', str(tmp_path), 2, limit=1)) == 1
""",
    # --- models -----------------------------------------------------------------------------------
    "dinov2s": """
fresh()
assert fastdup.run('images', 'out', model_path='dinov2s', d=384, num_images=2) == 1
assert 'fastdup models download dinov2-small' in caplog.text
downloaded('dinov2-small')
assert fastdup.run('images', 'out', model_path='dinov2s', d=384, num_images=2) == 0
assert fastdup.load_binary_feature('out', d=384)[1].shape == (2, 384)
""",
    "clip": """
fresh()
fd = fastdup.create('out', 'images')
with pytest.raises(fastdup.ModelError, match='models download clip-vit-b-32'):
    fd.run(model_path='clip', num_images=2)
downloaded('clip-vit-b-32')
fd.run(model_path='clip', num_images=2)
assert fd.embeddings()[1].shape == (2, fd.config['d']) and fd.config['d'] == 512
""",
    "resnet50": """
fresh()
fd = fastdup.create('out', 'images')
with pytest.raises(fastdup.ModelError, match='models download resnet-50'):
    fd.run(model_path='resnet50', num_images=2)
downloaded('resnet-50')
fd.run(model_path='resnet50', num_images=2)
assert fd.embeddings()[1].shape == (2, fd.config['d']) and fd.config['d'] == 2048
""",
    "clip336": """
with pytest.raises(fastdup.ModelError, match='clip-vit-l-14 is the same network'):
    fastdup.create(str(tmp_path), 'images').run(model_path='clip336')
""",
}
